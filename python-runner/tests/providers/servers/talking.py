"""Speech-to-speech models: what their servers have in common. Each word of an answer is a sample value of its own."""

from __future__ import annotations

import ssl
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.providers.servers.streaming import Call
from tests.support.words import STEP, word_ms

RATE = 24_000


class TalkingServer(ABC):
    """Answers each turn with the next of ``answers``, or in the way of ``fails``. Use as a context manager.

    Attributes:
        fails: ``bad key``, ``limit``, ``stall``, ``drop`` or ``garbage``; None answers.
        failures: How many answers, or connections, fail so; None fails all.
        sent: Every event of the client.
        keys: The key of each connection.
        heard_ms: Milliseconds of the caller's audio that came.
    """

    def __init__(self) -> None:
        self.answers: list[str | Call] = []
        self.fails: str | None = None
        self.failures: int | None = None
        self.sent: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.heard_ms = 0.0
        self._tls: ssl.SSLContext | None = None
        self._failed = 0
        self._open = 0

    def __enter__(self) -> TalkingServer:
        self._server: Server = serve(
            self._serve, "127.0.0.1", 0, ssl=self._tls, process_request=self._admit, compression=None
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)

    @property
    def port(self) -> int:
        port: int = self._server.socket.getsockname()[1]
        return port

    @property
    @abstractmethod
    def address(self) -> str:
        """What an agent's ``base_url`` has to be."""

    @abstractmethod
    def key_of(self, request: Request) -> str | None:
        """The key of a connection."""

    @abstractmethod
    def refuse(self, socket: ServerConnection, scenario: str) -> Response | None:
        """How ``bad key`` and ``limit`` are answered."""

    @abstractmethod
    def converse(self, socket: ServerConnection) -> None:
        """Hold one connection's conversation."""

    def fails_now(self, *scenarios: str) -> str | None:
        """Whether the next answer or connection fails in one of these ways; counts it."""
        if self.fails not in scenarios or (self.failures is not None and self._failed >= self.failures):
            return None
        self._failed += 1
        return self.fails

    def next_answer(self) -> str | Call:
        return self.answers.pop(0) if self.answers else "I am listening."

    def wait_until(self, condition: Callable[[], Any], what: str, timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"in vain waited for {what}; came: {[kind(e) for e in self.sent][-20:]}"
            time.sleep(0.01)

    def wait_until_left(self) -> None:
        self.wait_until(lambda: not self._open, "the connections to close")

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        self.keys.append(self.key_of(request))
        return None

    def _serve(self, socket: ServerConnection) -> None:
        self._open += 1
        try:
            self.converse(socket)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._open -= 1


def kind(event: dict[str, Any]) -> str:
    """What an event is called, with either protocol."""
    return str(event.get("type") or next(iter(event), "?"))


def spoken(text: str) -> Iterator[tuple[str, bytes]]:
    """Each word of a text and its audio."""
    for i, word in enumerate(text.split()):
        yield f" {word}" if i else word, struct.pack("<h", STEP * (i + 1)) * (word_ms(word) * RATE // 1000)


def refusal(status: HTTPStatus, body: str) -> Response:
    """An answer to the upgrade."""
    from websockets.datastructures import Headers

    content = body.encode()
    headers = Headers({"content-type": "application/json", "content-length": str(len(content))})
    return Response(status.value, status.phrase, headers, content)
