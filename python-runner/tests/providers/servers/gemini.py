"""Google's Gemini API.

Sources: https://ai.google.dev/api/generate-content (streamGenerateContent with ``alt=sse``) and
https://ai.google.dev/gemini-api/docs/troubleshooting; errors are google.rpc.Status, a wrong key is a 400 with the
reason API_KEY_INVALID (https://cloud.google.com/apis/design/errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.providers.servers.streaming import Call, Refusal, StreamingServer, sse


class GeminiServer(StreamingServer):
    """``POST /v1beta/models/{model}:streamGenerateContent?alt=sse``."""

    garbage = b'data: {"candidates": [{"content": {"par\n\n'

    @property
    def address(self) -> str:
        return self.url

    def refusal(self, scenario: str) -> Refusal:
        if scenario == "limit":
            message = "You exceeded your current quota, please check your plan and billing details."
            return 429, {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}}
        details = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }
        ]
        message = "API key not valid. Please pass a valid API key."
        return 400, {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": details}}

    def events(self, answer: str | Call) -> Sequence[bytes]:
        parts: list[dict[str, Any]]
        if isinstance(answer, Call):
            parts = [{"functionCall": {"name": answer.name, "args": answer.arguments}}]
        else:
            parts = [{"text": f"{word} "} for word in answer.split()]
        usage = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}
        return [
            sse({"usageMetadata": {"promptTokenCount": 11}, "modelVersion": "scripted"}),
            *[sse({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]}) for part in parts],
            sse({"candidates": [{"finishReason": "STOP", "index": 0}], "usageMetadata": usage}),
        ]
