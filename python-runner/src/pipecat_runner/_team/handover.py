"""How a call goes from one member of a team to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from loguru import logger
from pipecat.adapters.llm.schemas.direct_function import tool_options
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import LLMUpdateSettingsFrame
from pipecat.processors.aggregators.llm_context import NOT_GIVEN
from pipecat.processors.aggregators.llm_response_universal import LLMUserAggregator
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.settings import LLMSettings

from pipecat_runner._agent import LlmConfig, SttConfig, TtsConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._parts.context import ToldContext
from pipecat_runner._parts.turns import Turns
from pipecat_runner._parts.watch import NotSeated
from pipecat_runner._team.notice import SwitchNotices
from pipecat_runner._team.roster import Member, Roster
from pipecat_runner._team.understudies import Understudies
from pipecat_runner._tools.functions import Functions, Workplace
from pipecat_runner._tools.names import safe_names
from pipecat_runner._tools.results import Result, failed

# Members who may be next are made ready while the one before speaks, if they are not more than this.
_READY_MEMBERS = 3


HandOver = Callable[[Member, str, FunctionCallParams], Coroutine[Any, Any, None]]


class Repertoire:
    """What one member's model may call: its tools, and its transitions.

    Attributes:
        schemas: Of all of them.
        speeches: See ``Desk``.
    """

    def __init__(
        self, member: Member, workplace: Workplace, hand_over: Callable[..., Coroutine[Any, Any, None]]
    ) -> None:
        """Describe them.

        Args:
            member: Whose.
            workplace: Where calls are carried out.
            hand_over: Carries a transition out; given the member, its transition and the call.

        Raises:
            BadConfiguration: Two have the same name, or a schema is none.
        """
        names = [transition.function_name for transition in member.transitions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadConfiguration(f"{member.where}.transitions: these names are not unique: {', '.join(twice)}")
        functions = Functions(member.tools, workplace, where=f"{member.where}.tools", reserved=names)
        self.speeches = functions.speeches
        safe = safe_names([*names, *(tool.name for tool in member.tools)])
        self.schemas: list[FunctionSchema] = list(functions.schemas)
        for transition in member.transitions:

            async def carry_out(params: FunctionCallParams, to: str = transition.to) -> None:
                await hand_over(member, to, params)

            tool_options(carry_out, cancel_on_interruption=False)
            self.schemas.append(
                FunctionSchema(safe[transition.function_name], transition.description, {}, [], carry_out)
            )


@dataclass(frozen=True, slots=True)
class Stage:
    """What changes hands.

    Attributes:
        context: The conversation.
        prompt_of: What each member's model is told first.
        models: Whose models there are.
        ears: Whose recognisers; None where nobody listens.
        voices: Whose voices; None where nobody speaks.
        turns: The turn-taking.
        user: Where it takes place.
        knows_turns: Whether a recogniser tells turns by itself.
    """

    context: ToldContext
    prompt_of: Callable[[Member], str | None]
    models: Understudies[LlmConfig]
    ears: Understudies[SttConfig] | None
    voices: Understudies[TtsConfig] | None
    turns: Turns
    user: LLMUserAggregator
    knows_turns: Callable[[FrameProcessor], bool]


class Team:
    """The team of one call. Belongs to the event loop.

    Attributes:
        active: Who has the call.
    """

    def __init__(self, roster: Roster, workplace: Workplace, notices: SwitchNotices) -> None:
        """Describe what each member may call.

        Args:
            roster: Who they are.
            workplace: Where calls are carried out.
            notices: Tells the daemon.

        Raises:
            BadConfiguration: One of the tools cannot work.
        """
        self.roster = roster
        self.active = roster.start
        self._desk = workplace.desk
        self._notices = notices
        self._repertoires = {
            member.id: Repertoire(member, workplace, self._carry_out) for member in roster.members.values()
        }
        self._lock = asyncio.Lock()
        self._making: asyncio.Task[None] | None = None
        self._being_made: Member | None = None

    def follow(self, stage: Stage) -> None:
        """Name what changes hands, and let the active member have its part of it."""
        self._stage = stage
        self._enter(self.active)

    def started(self) -> None:
        """Make ready who may be next. Called when the pipeline runs."""
        following = self.roster.next_to(self.active)
        if len(following) <= _READY_MEMBERS:
            self._making = asyncio.create_task(self._make_ready(following), name="team-ready")

    async def close(self) -> None:
        """End what is under way beside the call."""
        await self._make_no_more()
        await self._notices.close()

    async def _make_no_more(self) -> None:
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
            self._making = None

    async def _make_ready(self, members: list[Member]) -> None:
        for member in members:
            self._being_made = member
            try:
                await self._stage.models.prepare(member.llm, member.id)
                if self._stage.voices is not None and member.agent.tts is not None:
                    await self._stage.voices.prepare(member.agent.tts, member.id)
            except NotSeated as e:
                # Told when it is needed, and tried once more then.
                logger.info("team: {} is not ready: {}", member.id, e)

    # -- handing over

    async def _carry_out(self, before: Member, to: str, params: FunctionCallParams) -> None:
        interrupted = self._desk.interruption
        batch = await self._desk.batch_of(params.tool_call_id)
        # The one who has the call finishes its answer; what comes after is the next one's.
        await self._desk.answered()
        async with self._lock:
            result = await self._hand_over(before, self.roster.members[to], params.function_name)
        # A caller who interrupts brings the next answer.
        wants_answer = batch.finish(wants_answer=not interrupted.is_set())
        await params.result_callback(result, properties=self._desk.then(wants_answer))

    async def _hand_over(self, before: Member, now: Member, function: str) -> Result:
        if self.active is not before:
            return failed(f"{self.active.name} has the call already")
        if self._being_made is not now:
            # Nobody waits for services of others, which may take their time.
            await self._make_no_more()
        try:
            await self._stage.models.seat_of(now.llm, now.id)
        except NotSeated as e:
            logger.error("team: {} cannot take the call: {}", now.id, e)
            return failed(f"{now.name} cannot take the call now; go on yourself")
        self._enter(now)
        await self._stage.models.seat.queue_frame(
            LLMUpdateSettingsFrame(
                delta=LLMSettings(system_instruction=self._stage.prompt_of(now)), reach_inactive_services=True
            )
        )
        await asyncio.gather(self._change_voice(now), self._change_ears(now))
        await self._change_turns(now)
        logger.info("team: {} has the call, from {}", now.id, before.id)
        self._notices.tell(function, before, now)
        await self._make_no_more()
        self.started()
        return {"status": "transferred", "to": now.name}

    def _enter(self, member: Member) -> None:
        self.active = member
        repertoire = self._repertoires[member.id]
        self._desk.speeches = repertoire.speeches
        self._desk.waiting = member.agent.waiting
        self._stage.context.member = member.id
        self._stage.context.set_tools(ToolsSchema(repertoire.schemas) if repertoire.schemas else NOT_GIVEN)

    async def _change_voice(self, member: Member) -> None:
        if self._stage.voices is None or member.agent.tts is None:
            return
        try:
            # Comes after what the one before has to say: the seat lets it finish.
            await self._stage.voices.seat_of(member.agent.tts, member.id)
        except NotSeated as e:
            logger.error("team: {} speaks with the voice of the one before: {}", member.id, e)

    async def _change_ears(self, member: Member) -> None:
        if self._stage.ears is None or member.agent.stt is None:
            return
        try:
            await self._stage.ears.seat_of(member.agent.stt, member.id)
        except NotSeated as e:
            logger.error("team: {} listens with the ears of the one before: {}", member.id, e)

    async def _change_turns(self, member: Member) -> None:
        turn = member.agent.turn
        ears = self._stage.ears
        if turn.stop == "provider" and (ears is None or not self._stage.knows_turns(ears.seat.service)):
            logger.warning("team: the recogniser of {} tells no turns; its turn.stop is taken for smart", member.id)
            turn = turn.model_copy(update={"stop": "smart"})
        await self._stage.turns.change(turn, member.agent.vad, self._stage.user)
