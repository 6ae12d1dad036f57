"""A scripted OpenAI-compatible server and a tools endpoint, each an HTTP server in a thread."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any]]


class JsonServer:
    """Answers POSTs; subclasses say how. Use as a context manager."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []

    def __enter__(self) -> JsonServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["content-length"]))
                if not sent:
                    # The client has thought better of it.
                    self.close_connection = True
                    return
                body = json.loads(sent)
                outer.authorizations.append(self.headers["authorization"])
                outer.requests.append(body)
                outer.answer(self, body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        raise NotImplementedError

    def wait_for_requests(self, count: int, timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} of {count} requests came"
            time.sleep(0.01)


class ToolServer(JsonServer):
    """The daemon's tools endpoint."""

    def __init__(self, respond: Callable[[dict[str, Any]], Answer]) -> None:
        super().__init__()
        self._respond = respond

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        status, content = self._respond(body)
        _send(handler, status, "application/json", json.dumps(content).encode())


class Say(str):
    """The model says this."""


class CallTool(dict[str, Any]):
    """The model calls tools: name to arguments; text said before under the key ``""``."""


@dataclass
class Refuse:
    """The server refuses with an HTTP status."""

    status: int


@dataclass
class Stall:
    """After these words nothing comes any more; without any, not even the head of the answer."""

    text: str = ""


@dataclass
class Break:
    """After these words the connection is reset."""

    text: str = ""


@dataclass
class Garble:
    """After these words comes what is no event of the protocol."""

    text: str = ""


Scripted = Say | CallTool | Refuse | Stall | Break | Garble


class LlmServer(JsonServer):
    """Streams what ``script`` makes of the last message, in the OpenAI format. Each answer counts its calls anew."""

    def __init__(self, script: Callable[[dict[str, Any]], Scripted]) -> None:
        super().__init__()
        self._script = script
        self._over = threading.Event()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        super().__exit__(*error)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        made = self._script(body["messages"][-1])
        if isinstance(made, Refuse):
            # No key and nothing said may get from here into a log.
            problem = {"error": {"message": f"refused {body['messages'][-1]['content']}", "type": "scripted"}}
            _send(handler, made.status, "application/json", json.dumps(problem).encode())
            return
        if isinstance(made, Stall | Break | Garble):
            self._fail(handler, made)
            return
        text = made if isinstance(made, Say) else made.get("", "")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": word + " "} for word in text.split()]
        if isinstance(made, CallTool):
            calls = [(name, arguments) for name, arguments in made.items() if name]
            deltas += [
                {
                    "tool_calls": [
                        {
                            "index": i,
                            "id": f"call_{i}",
                            "type": "function",
                            "function": {"name": n, "arguments": json.dumps(a)},
                        }
                    ]
                }
                for i, (n, a) in enumerate(calls)
            ]
        events = [_chunk(delta, None) for delta in deltas]
        events.append(_chunk({}, "tool_calls" if isinstance(made, CallTool) else "stop"))
        stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        _send(handler, 200, "text/event-stream", stream.encode())

    def _fail(self, handler: BaseHTTPRequestHandler, made: Stall | Break | Garble) -> None:
        handler.close_connection = True
        if made.text or not isinstance(made, Stall):
            handler.send_response(200)
            handler.send_header("content-type", "text/event-stream")
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            for word in made.text.split():
                event = _chunk({"role": "assistant", "content": word + " "}, None)
                _send_piece(handler, f"data: {json.dumps(event)}\n\n".encode())
        if isinstance(made, Garble):
            _send_piece(handler, b"data: <html>busy</html>\n\n")
            handler.wfile.write(b"0\r\n\r\n")
        elif isinstance(made, Stall):
            self._over.wait(60)
        else:
            _reset(handler)


class SpeechServer(JsonServer):
    """OpenAI's speech endpoint: each word sounds for 100 ms at a level that is this server's own.

    ``script`` is given a sentence; what it makes of it is said instead: of a fault first its text, then the fault.
    """

    RATE = 24_000
    WORD_MS = 100

    def __init__(self, level: int, script: Callable[[str], Scripted] = Say) -> None:
        super().__init__()
        self._sample = struct.pack("<h", level)
        self._script = script
        self._over = threading.Event()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        super().__exit__(*error)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def said(self) -> list[str]:
        """The sentences that were asked for."""
        return [str(request["input"]) for request in self.requests]

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        made = self._script(body["input"])
        if isinstance(made, Refuse):
            problem = {"error": {"message": f"refused: {body['input']}", "type": "scripted"}}
            _send(handler, made.status, "application/json", json.dumps(problem).encode())
            return
        text = "" if isinstance(made, CallTool) else made if isinstance(made, Say) else made.text
        if text or isinstance(made, Say):
            handler.send_response(200)
            handler.send_header("content-type", "audio/pcm")
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            for _ in text.split():
                _send_piece(handler, self._sample * (self.RATE * self.WORD_MS // 1000))
        if isinstance(made, Say):
            handler.wfile.write(b"0\r\n\r\n")
        elif isinstance(made, Stall):
            handler.close_connection = True
            self._over.wait(60)
        else:
            _reset(handler)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _send_piece(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.flush()


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}


def _send(handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
