"""What a platform's start request means here: its flat keys, turned into an agent.

A platform's requests have no ``agent``. They name providers by ``llm_type``, ``stt_type`` and ``tts_type``; what they
do not bring, such as the key of a provider, is in the runner's environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipecat_runner._agent import AgentConfig, LlmConfig, SttConfig, TtsConfig, TurnConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._schema import Message, RunRequest

# Of the model's parameters those that every provider's service takes.
_PARAMETERS = ("temperature", "max_tokens")


def agent_of(
    request: RunRequest, key_variables: Mapping[str, str | None], environment: Mapping[str, str]
) -> AgentConfig:
    """The agent a request without one asks for. It speaks first: the platform's history tells it what about.

    Args:
        request: What the daemon asks for.
        key_variables: For each known provider of language models the variable that holds its key.
        environment: Where those are.

    Raises:
        BadConfiguration: It names no model, or asks for something that is not there.
    """
    if request.resolved_team is not None:
        raise BadConfiguration("resolved_team: this runner carries single assistants; use one that carries teams")
    vendor, model = _vendor_and_model(request.llm_type)
    llm: dict[str, Any] = {"type": vendor, "model": model, "api_key": request.llm_key}
    variable = key_variables.get(vendor)
    if request.llm_key is None and variable is not None:
        llm["api_key"] = environment.get(variable)
        if not llm["api_key"]:
            raise BadConfiguration(f"llm_key: {vendor} needs a key; send llm_key, or set {variable} for the runner")
    llm |= {name: request.llm_parameter[name] for name in _PARAMETERS if name in request.llm_parameter}
    stt = {"type": request.stt_type, "language": request.stt_language}
    tts = {"type": request.tts_type, "language": request.tts_language, "voice": request.tts_voice_id}
    return AgentConfig(
        llm=LlmConfig.model_validate(llm),
        stt=SttConfig.model_validate(stt) if request.stt_type else None,
        tts=TtsConfig.model_validate(tts) if request.tts_type else None,
        vad=request.vad_config,
        turn=TurnConfig(stop="smart" if request.smart_turn_enabled else "silence"),
        speaks_first=True,
    )


def _vendor_and_model(llm_type: str | None) -> tuple[str, str]:
    if llm_type is None:
        raise BadConfiguration("llm_type: missing; name vendor and model, for instance openai.gpt-4o")
    at = min((i for i in (llm_type.find("."), llm_type.find(":")) if i > 0), default=-1)
    vendor, model = llm_type[:at].lower(), llm_type[at + 1 :]
    if at < 0 or not model:
        raise BadConfiguration(f"llm_type: {llm_type!r} is not <vendor>.<model>, for instance openai.gpt-4o")
    return vendor, model


def conversation(messages: list[Message]) -> list[dict[str, Any]]:
    """The messages of an earlier conversation as a model takes them.

    A model refuses a tool's result whose call is missing, and a call whose result is missing; a history that was cut at
    its beginning has such, and they are left out.
    """
    answered = {message.tool_call_id for message in messages if message.role == "tool"}
    asked: set[str] = set()
    kept: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "tool":
            if message.tool_call_id in asked:
                kept.append({"role": "tool", "content": message.content, "tool_call_id": message.tool_call_id})
            continue
        calls = [call for call in message.tool_calls if call.get("id") in answered]
        if calls:
            asked |= {str(call["id"]) for call in calls}
            kept.append({"role": message.role, "content": message.content, "tool_calls": calls})
        elif message.content:
            kept.append({"role": message.role, "content": message.content})
    return kept
