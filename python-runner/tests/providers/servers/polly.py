"""Amazon Polly: https://docs.aws.amazon.com/polly/latest/APIReference/API_SynthesizeSpeech.html and its common errors.

``POST /v1/speech`` signed with AWS4-HMAC-SHA256; the answer's body is the sound. Errors are a status, the header
``x-amzn-errortype`` and ``{"message"}``.
"""

from __future__ import annotations

import json
import re
from html import unescape
from http.server import BaseHTTPRequestHandler

from tests.providers.servers.speaking import Asked
from tests.providers.servers.speaking_http import HttpVoiceServer

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([\w-]+)/\d{8}/([\w-]+)/polly/aws4_request, SignedHeaders=\S+, Signature=\w+"
)
_TAG = re.compile(r"<[^>]+>")


class PollyServer(HttpVoiceServer):
    """Speaks one sentence a request."""

    @property
    def address(self) -> str:
        return self.origin

    def respond(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        assert handler.path == "/v1/speech"
        signed = _SIGNED.fullmatch(handler.headers["Authorization"])
        assert signed is not None, handler.headers["Authorization"]
        self.keys.append(signed[1])
        content = json.loads(body)
        assert content["OutputFormat"] == "pcm"
        assert content["TextType"] == "ssml"
        text = unescape(_TAG.sub("", content["Text"])).strip()
        self.note(Asked(text, content["VoiceId"], {**content, "region": signed[2]}))
        deed = self.next_deed()
        if deed == "bad key":
            message = "The security token included in the request is invalid."
            _refuse(self, handler, 403, "UnrecognizedClientException", message)
        elif deed == "limit":
            _refuse(self, handler, 400, "ThrottlingException", "Rate exceeded")
        elif deed == "garbage":
            self.answer(handler, 200, "text/html", b"<html>come back later</html>")
        else:
            self.stream(handler, deed, self.sound(text, int(content["SampleRate"])), "audio/pcm")


def _refuse(server: HttpVoiceServer, handler: BaseHTTPRequestHandler, status: int, kind: str, message: str) -> None:
    body = json.dumps({"message": message}).encode()
    server.answer(handler, status, "application/json", body, x_amzn_errortype=kind)
