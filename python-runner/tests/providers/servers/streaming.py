"""A provider that streams its answers over HTTP: what is common to all of them, and how they fail."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: An HTTP answer that refuses: status and JSON body.
Refusal = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """The model calls a tool."""

    name: str
    arguments: dict[str, Any]


class StreamingServer(ABC):
    """Answers each POST with the next of ``answers``, or in the way of ``fails``. Use as a context manager.

    Attributes:
        fails: ``bad key``, ``limit``, ``stall``, ``drop`` or ``garbage``; None answers.
        failures: How many requests fail so; None fails all.
    """

    content_type = "text/event-stream"
    #: What is sent in place of an event.
    garbage = b'data: {"choices": [{"delta": {"conte\n\n'

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: list[str | Call] = []
        self.fails: str | None = None
        self.failures: int | None = None
        self._over = threading.Event()
        self._open: set[object] = set()

    @property
    @abstractmethod
    def address(self) -> str:
        """What an agent's ``base_url`` has to be."""

    @abstractmethod
    def events(self, answer: str | Call) -> Sequence[bytes]:
        """An answer as it is streamed; at least three events, the first of them without text."""

    @abstractmethod
    def refusal(self, scenario: str) -> Refusal:
        """How ``bad key`` and ``limit`` are answered."""

    def __enter__(self) -> StreamingServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append(Received(self.path, headers, body))
                outer._answer(self)

            def setup(self) -> None:
                super().setup()
                outer._open.add(self)

            def finish(self) -> None:
                outer._open.discard(self)
                super().finish()

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
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait_until_left(self, timeout: float = 20) -> None:
        """Wait until no connection is open any more."""
        deadline = time.monotonic() + timeout
        while self._open:
            assert time.monotonic() < deadline, f"{len(self._open)} connections stay open"
            time.sleep(0.01)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        scenario = self.fails if self.failures is None or len(self.requests) <= self.failures else None
        if scenario in ("bad key", "limit"):
            status, refusal = self.refusal(scenario)
            content = json.dumps(refusal).encode()
            handler.send_response(status)
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", str(len(content)))
            for name, value in self.refusal_headers(scenario).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)
            return
        handler.send_response(200)
        handler.send_header("content-type", self.content_type)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        if scenario == "stall":
            handler.wfile.flush()
            self._over.wait(60)
            handler.close_connection = True
            return
        events = list(self.events(self.answers.pop(0) if self.answers else "I am listening."))
        if scenario == "garbage":
            events = [events[0], self.garbage]
        elif scenario == "drop":
            events = events[:2]
        for event in events:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            handler.wfile.flush()
        if scenario == "drop":
            # Reset, not closed: what a router does that has forgotten the connection.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        handler.wfile.write(b"0\r\n\r\n")

    def refusal_headers(self, scenario: str) -> dict[str, str]:
        """What comes with a refusal beside its body."""
        return {"retry-after": "30"} if scenario == "limit" else {}


def sse(event: dict[str, Any], name: str | None = None) -> bytes:
    """A server-sent event."""
    return (f"event: {name}\n" if name else "").encode() + f"data: {json.dumps(event)}\n\n".encode()
