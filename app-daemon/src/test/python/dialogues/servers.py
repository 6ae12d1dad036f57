"""What is around the product in a dialogue: a model that is a script, and webhooks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Say:
    """The model answers with this text."""

    text: str


@dataclass(frozen=True)
class Use:
    """The model calls a tool, perhaps after some words."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class Fail:
    """The model's server answers with an error."""

    status: int


@dataclass(frozen=True)
class Stall:
    """The model's server takes the request and says nothing."""


@dataclass(frozen=True)
class Drop:
    """The connection breaks after these words."""

    text: str


@dataclass(frozen=True)
class Garbage:
    """What comes is not the protocol."""


Answer = Say | Use | Fail | Stall | Drop | Garbage
Mind = Callable[[Messages], Answer]

# Longer than any dialogue waits for a model.
_STALL_SECONDS = 60


class _Server:
    """An HTTP server in threads of its own; use as a context manager."""

    def __enter__(self) -> Any:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.answer(self, body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Answer a POST."""
        raise NotImplementedError


class Minds(_Server):
    """A server that speaks the OpenAI protocol; a model's name is the name of the script that answers."""

    def __init__(self) -> None:
        self._minds: dict[str, Mind] = {}
        self.requests: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, name: str, mind: Mind) -> None:
        """Add a model."""
        self._minds[name] = mind
        self.requests[name] = []

    def answer(self, request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Stream what the script says."""
        self.requests[body["model"]].append(body)
        made = self._minds[body["model"]](body["messages"])
        if isinstance(made, Fail):
            _send(request, made.status, "application/json", {"error": {"message": "no", "code": made.status}})
            return
        if isinstance(made, Stall):
            self._over.wait(_STALL_SECONDS)
            request.close_connection = True
            return
        request.send_response(200)
        request.send_header("content-type", "text/event-stream")
        request.send_header("transfer-encoding", "chunked")
        request.end_headers()
        if isinstance(made, Garbage):
            _chunk(request, b"<html>this is no event stream</html>\n\n")
            _chunk(request, b"")
            return
        text = made.text
        for word in text.split():
            _event(request, {"role": "assistant", "content": word + " "}, None)
        if isinstance(made, Drop):
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
            return
        if isinstance(made, Use):
            function = {"name": made.tool, "arguments": json.dumps(made.arguments)}
            # Numbered anew in every answer, as some servers do.
            _event(
                request,
                {"tool_calls": [{"index": 0, "id": "call_0", "type": "function", "function": function}]},
                None,
            )
        _event(request, {}, "tool_calls" if isinstance(made, Use) else "stop")
        _chunk(request, b"data: [DONE]\n\n")
        _chunk(request, b"")


Hook = Callable[[dict[str, Any]], tuple[int, Any]]


class Hooks(_Server):
    """Webhooks by path."""

    def __init__(self) -> None:
        self._hooks: dict[str, Hook] = {}
        self.calls: dict[str, list[dict[str, Any]]] = {}
        self.times: dict[str, list[float]] = {}

    def __call__(self, path: str, hook: Hook) -> str:
        """Add one; answers its address."""
        self._hooks[path] = hook
        self.calls[path] = []
        self.times[path] = []
        return f"{self.url}{path}"

    def answer(self, request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Answer as the hook says."""
        self.calls[request.path].append(body)
        self.times[request.path].append(time.monotonic())
        status, content = self._hooks[request.path](body)
        _send(request, status, "application/json", content)


class Nowhere:
    """An address at which nobody listens, as long as this is open; use as a context manager."""

    def __enter__(self) -> str:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _send(request: BaseHTTPRequestHandler, status: int, kind: str, content: Any) -> None:
    data = json.dumps(content).encode()
    request.send_response(status)
    request.send_header("content-type", kind)
    request.send_header("content-length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


def _event(request: BaseHTTPRequestHandler, delta: dict[str, Any], finish: str | None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}
    _chunk(request, f"data: {json.dumps(chunk)}\n\n".encode())


def _chunk(request: BaseHTTPRequestHandler, data: bytes) -> None:
    request.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
