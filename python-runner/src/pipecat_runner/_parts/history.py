"""An earlier conversation, in the one form that every model takes.

What providers refuse differs: OpenAI a call whose result does not follow directly, Anthropic and Bedrock a conversation
that the assistant begins and ids they have seen, Gemini a function's answer without its call, Mistral ids that are not
nine letters or digits. A history that was cut, merged or written by hand has all of these. Here each is made good once;
what pipecat's adapters convert (roles, alternation) is left to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from pipecat_runner._agent import LlmConfig
from pipecat_runner._schema import Message
from pipecat_runner._tools.names import safe_name

# These want the caller to have begun.
_USER_FIRST = ("anthropic", "bedrock", "gemini")
_OPENING = {"role": "user", "content": "(The call is connected.)"}

# What pipecat writes in place of a result that is still to come; the pipeline that waited for it is gone.
_PENDING = "IN_PROGRESS"
_ASYNC_TOOL = "async_tool"
_LOST = json.dumps({"status": "error", "message": "the result was lost; it is not known whether this was carried out"})

ChatMessage = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """A conversation to go on with.

    Attributes:
        instructions: What the system said before anybody else; it belongs to the prompt.
        messages: The rest, as OpenAI's chat messages; roles are ``user``, ``assistant``, ``tool`` and ``developer``.
    """

    instructions: list[str]
    messages: list[ChatMessage]


@dataclass(slots=True)
class _Calls:
    """The tool calls of one message, and the results that were found for them."""

    calls: list[ChatMessage]
    results: dict[str, str] = field(default_factory=dict)


def read_history(messages: Sequence[Message]) -> History:
    """Make a history acceptable.

    Results move directly behind their calls; a call without a result and a result without a call are left out, as are
    messages without content and of roles that do not exist. Ids become unique.
    """
    instructions: list[str] = []
    parts: list[ChatMessage | _Calls] = []
    waiting: dict[str, _Calls] = {}
    ignored = 0
    for message in messages:
        content = message.content.strip()
        match message.role:
            case "system" if not parts:
                instructions += [content] if content else []
            case "system" | "developer" | "user" | "assistant" as role:
                if content:
                    parts.append({"role": "developer" if role == "system" else role, "content": content})
                calls = _Calls([call for call in map(_call, message.tool_calls) if call is not None])
                if role == "assistant" and calls.calls:
                    parts.append(calls)
                    waiting |= {call["id"]: calls for call in calls.calls}
            case "tool":
                asked = waiting.pop(message.tool_call_id, None)
                if asked is not None:
                    asked.results[message.tool_call_id] = content
            case _:
                ignored += 1
    if ignored:
        logger.warning("history: {} messages left out whose role is not user, assistant, system or tool", ignored)
    return History(instructions, _without_opening(list(_lay_out(parts))))


def opened(messages: list[ChatMessage], llm: LlmConfig) -> list[ChatMessage]:
    """Let the caller begin, for models that want that."""
    types = {llm.type.lower(), *(fallback.type.lower() for fallback in llm.fallback)}
    if types.isdisjoint(_USER_FIRST) or (messages and messages[0]["role"] == "user"):
        return messages
    return [dict(_OPENING), *messages]


def is_opening(message: object) -> bool:
    """Whether a message is not the caller's but stands in for one."""
    return message == _OPENING


def _without_opening(messages: list[ChatMessage]) -> list[ChatMessage]:
    return messages[1:] if messages and is_opening(messages[0]) else messages


def _call(call: ChatMessage) -> ChatMessage | None:
    function = call.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str) or not name or not call.get("id"):
        return None
    arguments = {"name": safe_name(name), "arguments": _arguments(function.get("arguments"))}
    return {"id": str(call["id"]), "type": "function", "function": arguments}


def _arguments(given: object) -> str:
    """Arguments as the JSON text of an object; adapters read them, and one that is none fails the request."""
    try:
        value = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        value = None
    return json.dumps(value if isinstance(value, dict) else {}, ensure_ascii=False)


def _lay_out(parts: Iterable[ChatMessage | _Calls]) -> Iterable[ChatMessage]:
    parts = list(parts)
    finished = " ".join(part["content"] for part in parts if isinstance(part, dict) and part["role"] == "developer")
    renamed: dict[str, str] = {}
    count = 0
    for part in parts:
        if isinstance(part, dict):
            yield _renamed(part, renamed)
            continue
        answered = [call for call in part.calls if call["id"] in part.results]
        results = []
        for call in answered:
            count += 1
            old, call["id"] = call["id"], f"h{count:08d}"
            renamed[old] = call["id"]
            result = part.results[old]
            if _is_pending(result) and old not in finished:
                result = _LOST
            results.append({"role": "tool", "content": result or "{}", "tool_call_id": call["id"]})
        if answered:
            # Text and calls in one message would lose the text with some adapters, so it went before.
            yield {"role": "assistant", "tool_calls": answered}
            yield from (_renamed(result, renamed) for result in results)


def _is_pending(result: str) -> bool:
    return result == _PENDING or (_ASYNC_TOOL in result and '"running"' in result)


def _renamed(message: ChatMessage, ids: dict[str, str]) -> ChatMessage:
    """A notice about a tool that runs in the background names the call in its text."""
    content = message["content"]
    if _ASYNC_TOOL not in content:
        return message
    for old, new in ids.items():
        content = content.replace(f'"{old}"', f'"{new}"')
    return {**message, "content": content}
