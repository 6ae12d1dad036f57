"""OpenAI's chat completions, and how those who speak the same protocol differ in their refusals.

Sources: https://platform.openai.com/docs/api-reference/chat-streaming and /docs/guides/error-codes;
https://learn.microsoft.com/azure/ai-services/openai/reference; https://console.groq.com/docs/errors;
https://docs.x.ai/docs/key-information/debugging (400 for a wrong key); https://api-docs.deepseek.com/quick_start/error_codes;
https://docs.mistral.ai/api; https://openrouter.ai/docs/api/reference/errors-and-debugging;
https://docs.ollama.com/api/openai-compatibility. Ollama knows no keys; a proxy before it that does answers as nginx.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.providers.servers.streaming import Call, Refusal, StreamingServer, sse


def _openai(message: str, kind: str, code: str | None) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


_OPENAI = {
    "bad key": (401, _openai("Incorrect API key provided: sk-no****key.", "invalid_request_error", "invalid_api_key")),
    "limit": (
        429,
        _openai("Rate limit reached for requests per min (RPM): Limit 3.", "requests", "rate_limit_exceeded"),
    ),
}
_REFUSALS: dict[str, dict[str, Refusal]] = {
    "grok": {
        "bad key": (
            400,
            {
                "code": "Client specified an invalid argument",
                "error": "Incorrect API key provided: no***ey. You can obtain an API key from https://console.x.ai.",
            },
        ),
        "limit": (429, {"code": "Some resource has been exhausted", "error": "Too many requests for team."}),
    },
    "azure": {
        "bad key": (
            401,
            {
                "error": {
                    "code": "401",
                    "message": "Access denied due to invalid subscription key or wrong API endpoint.",
                }
            },
        ),
        "limit": (429, {"error": {"code": "429", "message": "Requests have exceeded the call rate limit of S0."}}),
    },
    "groq": {
        "bad key": (401, {"error": {"message": "Invalid API Key", "type": "invalid_request_error"}}),
        "limit": (429, _openai("Rate limit reached for model.", "requests", "rate_limit_exceeded")),
    },
    "mistral": {
        "bad key": (401, {"detail": "Unauthorized"}),
        "limit": (429, {"object": "error", "message": "Requests rate limit exceeded", "type": "rate_limited"}),
    },
    "deepseek": {
        "bad key": (
            401,
            _openai(
                "Authentication Fails, Your api key: ****key is invalid", "authentication_error", "invalid_request"
            ),
        ),
        "limit": (429, _openai("Rate Limit Reached", "rate_limit_error", None)),
    },
    "openrouter": {
        "bad key": (401, {"error": {"message": "No auth credentials found", "code": 401}}),
        "limit": (429, {"error": {"message": "Rate limit exceeded: free-models-per-min", "code": 429}}),
    },
    "ollama": {
        "bad key": (401, {"error": "unauthorized"}),
        "limit": (429, {"error": "too many requests"}),
    },
}


class OpenAiServer(StreamingServer):
    """``POST /v1/chat/completions`` with ``stream``."""

    def __init__(self, vendor: str = "openai") -> None:
        super().__init__()
        self._vendor = vendor
        self._calls = 0

    @property
    def address(self) -> str:
        return self.url if self._vendor == "azure" else f"{self.url}/v1"

    def refusal(self, scenario: str) -> Refusal:
        return _REFUSALS.get(self._vendor, _OPENAI)[scenario]

    def events(self, answer: str | Call) -> Sequence[bytes]:
        if isinstance(answer, Call):
            self._calls += 1
            call = {"index": 0, "id": f"call_{self._calls}", "type": "function"}
            function = {"name": answer.name, "arguments": ""}
            arguments = json.dumps(answer.arguments)
            deltas = [
                {"role": "assistant", "content": None},
                {"tool_calls": [{**call, "function": function}]},
                *[{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in _halves(arguments)],
            ]
        else:
            deltas = [{"role": "assistant", "content": ""}, *[{"content": part} for part in _words(answer)]]
        finish = "tool_calls" if isinstance(answer, Call) else "stop"
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        return [
            *[sse(_chunk([{"index": 0, "delta": delta, "finish_reason": None}])) for delta in deltas],
            sse(_chunk([{"index": 0, "delta": {}, "finish_reason": finish}])),
            sse({**_chunk([]), "usage": usage}),
            b"data: [DONE]\n\n",
        ]


def _chunk(choices: list[dict[str, object]]) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1732800000,
        "model": "scripted",
        "choices": choices,
    }


def _words(text: str) -> list[str]:
    return [word if i == 0 else f" {word}" for i, word in enumerate(text.split(" "))]


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]
