"""What a platform's start request means here: its flat keys, turned into an agent.

A platform's requests have no ``agent``. They name providers by ``llm_type``, ``stt_type`` and ``tts_type``; what they
do not bring, such as the key of a provider, is in the runner's environment, where ``prepare`` of the tables looks.
"""

from __future__ import annotations

from functools import lru_cache

from loguru import logger
from pydantic import ValidationError

from pipecat_runner._agent import AgentConfig, LlmConfig, SttConfig, TtsConfig, TurnConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._schema import RunRequest


def agent_of(request: RunRequest) -> AgentConfig:
    """The agent a request without one asks for. It speaks first: the platform's history tells it what about.

    Raises:
        BadConfiguration: It names no model, asks for something that is not there, or gives it an impossible parameter.
    """
    if request.resolved_team is not None:
        raise BadConfiguration("resolved_team: this runner carries single assistants; use one that carries teams")
    vendor, model = _vendor_and_model(request.llm_type)
    stt = {"type": (request.stt_type or "").lower(), "language": request.stt_language}
    tts = {"type": (request.tts_type or "").lower(), "language": request.tts_language, "voice": request.tts_voice_id}
    return AgentConfig(
        llm=_llm(vendor, model, request),
        stt=SttConfig.model_validate(stt) if request.stt_type else None,
        tts=TtsConfig.model_validate(tts) if request.tts_type else None,
        vad=request.vad_config,
        turn=TurnConfig(stop="smart" if request.smart_turn_enabled else "silence"),
        speaks_first=True,
    )


def _llm(vendor: str, model: str, request: RunRequest) -> LlmConfig:
    # Imported when used: the tables bring pipecat's services with them.
    from pipecat_runner._providers.llm import PARAMETERS, PROVIDERS
    from pipecat_runner._providers.table import find

    found = find(PROVIDERS, vendor)
    left_out = found[1].left_out if found is not None else {}
    taken = [name for name in PARAMETERS if name not in left_out]
    for name in sorted(request.llm_parameter.keys() - set(taken)):
        _say_once(vendor, name)
    llm = {"type": vendor, "model": model, "api_key": request.llm_key}
    try:
        return LlmConfig.model_validate(llm | {name: request.llm_parameter.get(name) for name in taken})
    except ValidationError as e:
        finding = e.errors(include_input=False, include_url=False)[0]
        raise BadConfiguration(f"llm_parameter.{finding['loc'][0]}: {finding['msg']}") from e


@lru_cache(maxsize=256)
def _say_once(vendor: str, name: str) -> None:
    logger.warning("llm_parameter.{} means nothing to {} and is left out, now and from now on", name[:40], vendor[:40])


def _vendor_and_model(llm_type: str | None) -> tuple[str, str]:
    if llm_type is None:
        raise BadConfiguration("llm_type: missing; name vendor and model, for instance openai.gpt-4o")
    at = min((i for i in (llm_type.find("."), llm_type.find(":")) if i > 0), default=-1)
    vendor, model = llm_type[:at].lower(), llm_type[at + 1 :]
    if at < 0 or not model:
        raise BadConfiguration(f"llm_type: {llm_type!r} is not <vendor>.<model>, for instance openai.gpt-4o")
    return vendor, model
