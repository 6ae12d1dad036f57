"""OpenAI's voice: https://platform.openai.com/docs/api-reference/audio/createSpeech.

``POST /v1/audio/speech`` with ``model``, ``voice``, ``input`` and ``response_format``; the answer's body is 24 kHz PCM,
chunked. Errors: ``{"error": {"message", "type", "param", "code"}}``.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.providers.servers.speaking import Asked
from tests.providers.servers.speaking_http import HttpVoiceServer

RATE = 24_000


class OpenAiVoiceServer(HttpVoiceServer):
    """Speaks one sentence a request."""

    @property
    def address(self) -> str:
        return f"{self.origin}/v1"

    def respond(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        assert handler.path == "/v1/audio/speech"
        content = json.loads(body)
        assert content["response_format"] == "pcm"
        self.keys.append(handler.headers["Authorization"].removeprefix("Bearer "))
        self.note(Asked(content["input"].strip(), content["voice"], content))
        deed = self.next_deed()
        if deed == "bad key":
            _refuse(self, handler, 401, "Incorrect API key provided.", "invalid_api_key")
        elif deed == "limit":
            _refuse(self, handler, 429, "Rate limit reached for requests.", "rate_limit_exceeded")
        elif deed == "garbage":
            # A web server in between, which is out of order and says so kindly.
            self.answer(handler, 200, "text/html", b"<html>come back later</html>")
        else:
            self.stream(handler, deed, self.sound(content["input"], RATE), "audio/pcm")


def _refuse(server: HttpVoiceServer, handler: BaseHTTPRequestHandler, status: int, message: str, code: str) -> None:
    error: dict[str, Any] = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    server.answer(handler, status, "application/json", json.dumps({"error": error}).encode())
