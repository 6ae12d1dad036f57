"""Recognisers that are sent an utterance as a file: OpenAI's and ElevenLabs' endpoints.

``POST /v1/audio/transcriptions`` as in https://developers.openai.com/api/reference/resources/audio (multipart with
file, model, language; answers {"text"}; errors {"error": {"message", "type", "code"}} with 401 and 429), and
``POST /v1/speech-to-text`` as in https://elevenlabs.io/docs/api-reference/speech-to-text/convert (multipart with file,
model_id, language_code; answers {"language_code", "text", "words"}; errors {"detail"}).
"""

from __future__ import annotations

import email.parser
import email.policy
import io
import json
import threading
import wave
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.providers.servers.hearing import KEY, Hearing, Plan


@dataclass
class FilesServer:
    """Both endpoints in a thread. Use as a context manager.

    Attributes:
        asked: The fields of each request but the file, in order.
    """

    plan: Plan = field(default_factory=Plan)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> FilesServer:
        outer, self._over = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Its address, for ``base_url``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Serve one request."""
        fields, audio = _form(handler)
        self.asked.append(fields)
        scenario = self.plan.now(len(self.asked))
        key = handler.headers.get("xi-api-key") or handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if key != KEY or scenario == "bad key":
            _send(handler, 401, json.dumps(_error("invalid_api_key")))
        elif scenario == "limit":
            _send(handler, 429, json.dumps(_error("rate_limit_exceeded")))
        elif scenario == "drop":
            handler.close_connection = True
        elif scenario == "stall":
            self._over.wait(30)
            handler.close_connection = True
        elif scenario == "garbage":
            _send(handler, 200, '{"text": "What is my bal')
        else:
            with wave.open(io.BytesIO(audio)) as file:
                hearing = Hearing(file.getframerate())
                hearing.feed(file.readframes(file.getnframes()))
            _send(handler, 200, json.dumps({"text": hearing.text(), "language_code": "eng", "words": []}))


def _error(code: str) -> dict[str, Any]:
    detail = {"status": code, "message": "refused"}
    return {"error": {"message": "refused", "type": "invalid_request_error", "code": code}, "detail": detail}


def _form(handler: BaseHTTPRequestHandler) -> tuple[dict[str, str], bytes]:
    if "chunked" in handler.headers.get("Transfer-Encoding", ""):
        body = b""
        while size := int(handler.rfile.readline(), 16):
            body += handler.rfile.read(size)
            handler.rfile.readline()
        handler.rfile.readline()
    else:
        body = handler.rfile.read(int(handler.headers["content-length"]))
    head = f"Content-Type: {handler.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    fields: dict[str, str] = {}
    audio = b""
    for part in message.iter_parts():
        content: Any = part.get_payload(decode=True)
        name = str(part.get_param("name", header="content-disposition"))
        if name == "file":
            audio = content
        else:
            fields[name] = content.decode()
    return fields, audio


def _send(handler: BaseHTTPRequestHandler, status: int, body: str) -> None:
    data = body.encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
