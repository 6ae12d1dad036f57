"""A model's server that refuses conversations as the large providers do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.services import CallTool, LlmServer, Say, _send

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")

Messages = list[dict[str, Any]]


class StrictLlmServer(LlmServer):
    """Answers 400 to calls without results, results without calls, bad names, and a last message of the model's own.

    The last one is Anthropic's and Gemini's rule, the others are everybody's. ``script`` is given all
    messages. What was refused stands in ``refused``.
    """

    def __init__(self, script: Callable[[Messages], Say | CallTool]) -> None:
        super().__init__(lambda _: Say(""))
        self._script_all = script
        self.refused: list[str] = []

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        wrong = complaint(body["messages"], body.get("tools", []))
        if wrong is not None:
            self.refused.append(wrong)
            error = {"error": {"message": wrong, "type": "invalid_request_error", "code": None, "param": "messages"}}
            _send(handler, 400, "application/json", json.dumps(error).encode())
            return
        made = self._script_all(body["messages"])
        self._script = lambda _: made
        super().answer(handler, body)

    def said_by(self, role: str, request: int = -1) -> list[str]:
        """The texts of one role in a request."""
        return [str(m.get("content")) for m in self.requests[request]["messages"] if m["role"] == role]


def complaint(messages: Messages, tools: list[dict[str, Any]]) -> str | None:
    """What a provider would say against a request; None when it would answer."""
    names = [tool["function"]["name"] for tool in tools]
    names += [call["function"]["name"] for message in messages for call in message.get("tool_calls") or []]
    bad = next((name for name in names if not _NAME.fullmatch(name)), None)
    if bad is not None:
        return f"{bad} is no name"
    if messages[-1]["role"] == "assistant":
        return "the last message is the assistant's own"
    return _orphan(messages)


def _orphan(messages: Messages) -> str | None:
    waiting: list[str] = []
    seen: set[str] = set()
    for number, message in enumerate([*messages, {"role": "end"}]):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return f"messages[{number}]: result {message['tool_call_id']} has no call before it"
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return f"messages[{number}]: call {waiting[0]} has no result"
        waiting = [call["id"] for call in message.get("tool_calls") or []]
        if seen & set(waiting):
            return f"messages[{number}]: {waiting} were used before"
        seen |= set(waiting)
    return None
