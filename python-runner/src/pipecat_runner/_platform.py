"""What a platform's start request means here: its flat keys, turned into an agent.

A platform's requests have no ``agent``. They name providers by ``llm_type``, ``stt_type`` and ``tts_type``; what they
do not bring, such as the key of a provider, is in the runner's environment, where ``prepare`` of the tables looks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from loguru import logger
from pydantic import BeforeValidator, Field, SecretStr, ValidationError

from pipecat_runner._agent import (
    AgentConfig,
    LlmConfig,
    MemberConfig,
    Model,
    Secret,
    SttConfig,
    TeamConfig,
    Text,
    ToolConfig,
    TransitionConfig,
    TtsConfig,
    TurnConfig,
    VadConfig,
)
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._platform_agent import PlatformAgent
from pipecat_runner._schema import RunRequest


def agent_of(request: RunRequest, platform: PlatformAgent | None = None) -> AgentConfig:
    """The agent a request without one asks for. It speaks first: the platform's history tells it what about.

    Args:
        request: What the daemon asks for.
        platform: What such calls have that requests cannot say; the defaults without it.

    Raises:
        BadConfiguration: It names no model, asks for something that is not there, or gives it an impossible parameter.
    """
    platform = platform or PlatformAgent()
    team = _team(request, platform) if request.resolved_team is not None else None
    stt = {"type": (request.stt_type or "").lower(), "language": request.stt_language}
    tts = {"type": (request.tts_type or "").lower(), "language": request.tts_language, "voice": request.tts_voice_id}
    return AgentConfig(
        llm=platform.behind(platform.llm, _llm(request)) if team is None or request.llm_type else None,
        stt=platform.behind(platform.stt, SttConfig.model_validate(stt)) if request.stt_type else None,
        tts=platform.behind(platform.tts, TtsConfig.model_validate(tts)) if request.tts_type else None,
        vad=request.vad_config,
        turn=_turn(platform, request.smart_turn_enabled),
        idle=platform.idle,
        failure=platform.failure,
        waiting=platform.waiting,
        speaks_first=True,
        team=team,
    )


def _turn(platform: PlatformAgent, smart: bool) -> TurnConfig:
    return platform.turn.model_copy(update={"stop": "smart" if smart else "silence"})


def _llm(request: RunRequest) -> LlmConfig:
    return _model(request.llm_type, request.llm_key, request.llm_parameter, "llm_type", "llm_parameter")


def _model(
    llm_type: str | None, key: SecretStr | None, parameters: dict[str, Any], type_name: str, parameter_name: str
) -> LlmConfig:
    vendor, model = _vendor_and_model(llm_type, type_name)
    # Imported when used: the tables bring pipecat's services with them.
    from pipecat_runner._providers.llm import PARAMETERS, PROVIDERS
    from pipecat_runner._providers.table import find

    found = find(PROVIDERS, vendor)
    left_out = found[1].left_out if found is not None else {}
    taken = [name for name in PARAMETERS if name not in left_out]
    for name in sorted(parameters.keys() - set(taken)):
        _say_once(vendor, name)
    llm = {"type": vendor, "model": model, "api_key": key}
    try:
        return LlmConfig.model_validate(llm | {name: parameters.get(name) for name in taken})
    except ValidationError as e:
        finding = e.errors(include_input=False, include_url=False)[0]
        raise BadConfiguration(f"{parameter_name}.{finding['loc'][0]}: {finding['msg']}") from e


@lru_cache(maxsize=256)
def _say_once(vendor: str, name: str) -> None:
    logger.warning("llm_parameter.{} means nothing to {} and is left out, now and from now on", name[:40], vendor[:40])


def _vendor_and_model(llm_type: str | None, where: str) -> tuple[str, str]:
    if not llm_type:
        raise BadConfiguration(f"{where}: missing; name vendor and model, for instance openai.gpt-4o")
    at = min((i for i in (llm_type.find("."), llm_type.find(":")) if i > 0), default=-1)
    vendor, model = llm_type[:at].lower(), llm_type[at + 1 :]
    if at < 0 or not model:
        raise BadConfiguration(f"{where}: {llm_type!r} is not <vendor>.<model>, for instance openai.gpt-4o")
    return vendor, model


# -- teams


def _team(request: RunRequest, platform: PlatformAgent) -> TeamConfig:
    """The team as the daemon resolved it; ``start_member_id`` is who has the call, also when it goes on."""
    try:
        team = _ResolvedTeam.model_validate(request.resolved_team)
    except ValidationError as e:
        finding = e.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in finding["loc"])
        raise BadConfiguration(f"resolved_team.{where}: {finding['msg']}") from e
    return TeamConfig(
        start=team.start_member_id or team.members[0].id,
        members=[_member(request, platform, member, number) for number, member in enumerate(team.members)],
    )


def _member(request: RunRequest, platform: PlatformAgent, member: _ResolvedMember, number: int) -> MemberConfig:
    ai, where = member.ai, f"resolved_team.members[{number}].ai"
    turn = _turn(platform, ai.smart_turn_enabled)
    agent: dict[str, Any] = {"vad": ai.vad_config, "turn": turn, "prompt": ai.init_prompt}
    if ai.engine_model:
        llm = _model(ai.engine_model, ai.engine_key, ai.parameter, f"{where}.engine_model", f"{where}.parameter")
        agent["llm"] = platform.behind(platform.llm, llm)
    # Whether anybody listens and speaks is the call's: a conversation in text has neither, whatever a member could do.
    if ai.stt_type and request.stt_type:
        stt = SttConfig(type=ai.stt_type.lower(), language=request.stt_language)
        agent["stt"] = platform.behind(platform.stt, stt)
    if ai.tts_type and request.tts_type:
        tts = TtsConfig(type=ai.tts_type.lower(), language=request.tts_language, voice=ai.tts_voice_id)
        agent["tts"] = platform.behind(platform.tts, tts)
    return MemberConfig(
        id=member.id,
        name=member.name or "",
        agent=AgentConfig.model_validate(agent),
        tools=member.tools,
        transitions=[
            TransitionConfig(function_name=t.function_name, description=t.description or "", to=t.next_member_id)
            for t in member.transitions
        ],
    )


def _or_empty(kind: type) -> BeforeValidator:
    # What has nothing to say arrives as null from services written in Go.
    return BeforeValidator(lambda value: kind() if value is None else value)


class _ResolvedAi(Model):
    engine_model: Text = None
    engine_key: Secret = None
    init_prompt: Text = None
    parameter: Annotated[dict[str, Any], _or_empty(dict)] = Field(default_factory=dict)
    tts_type: Text = None
    tts_voice_id: Text = None
    stt_type: Text = None
    vad_config: Annotated[VadConfig, _or_empty(dict)] = VadConfig()
    smart_turn_enabled: Annotated[bool, _or_empty(bool)] = False


class _ResolvedTransition(Model):
    function_name: str = Field(min_length=1)
    description: Text = None
    next_member_id: str = Field(min_length=1)


class _ResolvedMember(Model):
    id: str = Field(min_length=1)
    name: Text = None
    ai: _ResolvedAi
    tools: Annotated[list[ToolConfig], _or_empty(list)] = Field(default_factory=list)
    transitions: Annotated[list[_ResolvedTransition], _or_empty(list)] = Field(default_factory=list)


class _ResolvedTeam(Model):
    start_member_id: Text = None
    members: list[_ResolvedMember] = Field(min_length=1)
