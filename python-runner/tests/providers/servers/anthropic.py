"""Anthropic's Messages API.

Sources: https://platform.claude.com/docs/en/build-with-claude/streaming and /docs/en/api/errors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.providers.servers.streaming import Call, Refusal, StreamingServer, sse


class AnthropicServer(StreamingServer):
    """``POST /v1/messages`` with ``stream``."""

    garbage = b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "del\n\n'

    def __init__(self) -> None:
        super().__init__()
        self._calls = 0

    @property
    def address(self) -> str:
        return self.url

    def refusal(self, scenario: str) -> Refusal:
        status, kind, message = {
            "bad key": (401, "authentication_error", "invalid x-api-key"),
            "limit": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
        }[scenario]
        return status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}

    def events(self, answer: str | Call) -> Sequence[bytes]:
        usage = {"input_tokens": 11, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []}
        made: list[dict[str, Any]] = [
            {
                "type": "message_start",
                "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage},
            }
        ]
        if isinstance(answer, Call):
            self._calls += 1
            block: dict[str, Any] = {
                "type": "tool_use",
                "id": f"toolu_{self._calls}",
                "name": answer.name,
                "input": {},
            }
            arguments = json.dumps(answer.arguments)
            half = len(arguments) // 2
            deltas = [{"type": "input_json_delta", "partial_json": p} for p in (arguments[:half], arguments[half:])]
        else:
            block = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": f"{word} "} for word in answer.split()]
        made += [{"type": "content_block_start", "index": 0, "content_block": block}, {"type": "ping"}]
        made += [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
        reason = "tool_use" if isinstance(answer, Call) else "end_turn"
        made += [
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": reason, "stop_sequence": None},
                "usage": {"output_tokens": 7},
            },
            {"type": "message_stop"},
        ]
        return [sse(event, str(event["type"])) for event in made]
