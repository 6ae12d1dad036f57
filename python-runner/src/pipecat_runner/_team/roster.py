"""Who is in a team, and what each member is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from loguru import logger

from pipecat_runner._agent import AgentConfig, LlmConfig, ProviderConfig, TeamConfig, ToolConfig, TransitionConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.llm import PROVIDERS as MODELS
from pipecat_runner._providers.stt import PROVIDERS as RECOGNISERS
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._providers.tts import PROVIDERS as VOICES

V = TypeVar("V")
C = TypeVar("C", bound=ProviderConfig)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a team.

    Attributes:
        id: What transitions name.
        name: For people and for the model.
        agent: Everything it is made of: its own, and the team's where it has none.
        tools: What its model may call.
        transitions: Whom it may hand the call to.
        where: Its path, for messages.
    """

    id: str
    name: str
    agent: AgentConfig
    tools: Sequence[ToolConfig]
    transitions: Sequence[TransitionConfig]
    where: str

    @property
    def llm(self) -> LlmConfig:
        """Its model, without its prompt."""
        if self.agent.llm is None:
            raise ValueError(f"{self.where} has no model")
        return self.agent.llm


class Roster:
    """The members of a team by id.

    Attributes:
        start: Who has the call first.
    """

    def __init__(self, agent: AgentConfig, team: TeamConfig, *, resumed: str | None = None) -> None:
        """Read a team.

        Args:
            agent: The team's; what a member leaves out is taken from here.
            team: Who is in it.
            resumed: Who had the call when its pipeline was lost.

        Raises:
            BadConfiguration: A member cannot work, two have the same id, or a name means nobody.
        """
        ids = [member.id for member in team.members]
        twice = sorted({known for known in ids if ids.count(known) > 1})
        if twice:
            raise BadConfiguration(f"agent.team.members: these ids are not unique: {', '.join(twice)}")
        _known(team.start, ids, "agent.team.start")
        self.members: dict[str, Member] = {}
        # Whoever has neither a voice nor ears uses those of the one before; the first one must have some.
        start = _completed(agent, next(member.agent for member in team.members if member.id == team.start))
        given = [start, *(member.agent for member in team.members)]
        default = agent.model_copy(
            update={"stt": _first(given, lambda of: of.stt), "tts": _first(given, lambda of: of.tts)}
        )
        for number, member in enumerate(team.members):
            where = f"agent.team.members[{number}]"
            for i, transition in enumerate(member.transitions):
                _known(transition.to, ids, f"{where}.transitions[{i}].to")
            complete = _completed(default, member.agent)
            _check(complete, f"{where}.agent")
            name = member.name or member.id
            self.members[member.id] = Member(member.id, name, complete, member.tools, member.transitions, where)
        if resumed is not None and resumed not in self.members:
            logger.warning("resume.member is not in the team any more; its first member takes the call")
            resumed = None
        self.start = self.members[resumed or team.start]

    def next_to(self, member: Member) -> list[Member]:
        """Whom a member may hand the call to, each once."""
        return [self.members[to] for to in dict.fromkeys(t.to for t in member.transitions) if to != member.id]


def _completed(team: AgentConfig, own: AgentConfig) -> AgentConfig:
    left_out = {
        name: getattr(team, name)
        for name in AgentConfig.model_fields
        if name not in own.model_fields_set or getattr(own, name) is None
    }
    update: dict[str, Any] = {**left_out, "team": None}
    return own.model_copy(update=update)


def _first(agents: Sequence[AgentConfig], of: Callable[[AgentConfig], V | None]) -> V | None:
    return next((found for agent in agents if (found := of(agent)) is not None), None)


def _known(name: str, ids: Sequence[str], where: str) -> None:
    if name not in ids:
        near = get_close_matches(name, ids, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadConfiguration(f"{where}: {name!r} is no member of the team; its members are {', '.join(ids)}{hint}")


def _check(agent: AgentConfig, where: str) -> None:
    """Refuse what would keep a member from taking the call, though it is made only when it does."""
    if agent.llm is None:
        raise BadConfiguration(f"{where}.llm: missing, and the team has none either; an assistant needs a model")
    _check_each(MODELS, f"{where}.llm", agent.llm, agent.llm.fallback)
    if agent.stt is not None:
        _check_each(RECOGNISERS, f"{where}.stt", agent.stt, agent.stt.fallback)
    if agent.tts is not None:
        _check_each(VOICES, f"{where}.tts", agent.tts, agent.tts.fallback)


def _check_each(table: Mapping[str, Provider[C, Any]], where: str, config: C, fallback: Sequence[C]) -> None:
    prepare(table, where, config)
    for i, entry in enumerate(fallback):
        prepare(table, f"{where}.fallback[{i}]", entry)
