"""What the recognisers' test servers have in common: they judge the audio, and they fail as they are told."""

from __future__ import annotations

import array
import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets import ConnectionClosed
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

KEY = "a-key-of-the-tests"
UNDERSTOOD = "What is my balance please?"
# Voiced milliseconds of dev/demo/caller/balance.wav, give or take what a connection that is dialled anew misses.
_EXPECTED_MS = (700, 1900)
_LOUD = 300
_PAUSE_MS = 300


class Hearing:
    """Judges a stream of 16 bit PCM as it was announced: at a wrong rate the sentence has a wrong length."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.total_ms = 0
        self.voiced_ms = 0
        self._quiet_ms = 0
        self._rest = b""

    def feed(self, pcm: bytes) -> None:
        data, size = self._rest + pcm, self.rate * 20 // 1000 * 2
        for start in range(0, len(data) - size + 1, size):
            samples = array.array("h", data[start : start + size])
            self.total_ms += 20
            if max(map(abs, samples)) > _LOUD:
                self.voiced_ms += 20
                self._quiet_ms = 0
            else:
                self._quiet_ms += 20
        self._rest = data[len(data) // size * size :]

    @property
    def is_over(self) -> bool:
        """Whether somebody spoke and fell silent."""
        return self.voiced_ms >= 200 and self._quiet_ms >= _PAUSE_MS

    def text(self) -> str:
        """What was said, and an ear for the next sentence."""
        voiced, self.voiced_ms = self.voiced_ms, 0
        if not voiced:
            return ""
        return UNDERSTOOD if _EXPECTED_MS[0] <= voiced <= _EXPECTED_MS[1] else f"Something of {voiced} ms."


@dataclass
class Plan:
    """How a server behaves: as its provider does, or it fails.

    Attributes:
        scenario: ``turn`` or one of the failures.
        connections: How many of the first connections or requests fail; the later ones do not. None for all.
    """

    scenario: str = "turn"
    connections: int | None = None

    def now(self, number: int) -> str:
        """The scenario of the connection of a number (1, 2, …)."""
        return self.scenario if self.connections is None or number <= self.connections else "turn"


@dataclass
class RecogniserServer:
    """A provider's WebSocket endpoint in a thread. Subclasses speak its protocol. Use as a context manager.

    Attributes:
        asked: The request of each connection, in order: path and headers.
        heard_ms: Milliseconds of audio over all connections.
    """

    plan: Plan = field(default_factory=Plan)
    asked: list[Request] = field(default_factory=list)
    heard_ms: int = 0
    open: int = 0

    subprotocols: tuple[str, ...] = ()

    def __enter__(self) -> Any:
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="recogniser", daemon=True)
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def url(self) -> str:
        """Its address, for ``base_url``."""
        return f"ws://127.0.0.1:{self.port}"

    def wait_until(self, condition: Callable[[], Any], what: str, timeout: float = 20) -> None:
        """Wait for a condition on the record."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                assert left > 0, f"the server waited {timeout} s in vain for: {what}"
                self._changed.wait(min(left, 0.5))

    # -- what a provider is

    def key_of(self, request: Request) -> str:
        """The key as the provider takes it."""
        raise NotImplementedError

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        """The answer to the upgrade of a client with a wrong key (``bad key``) or one too many (``limit``)."""
        raise NotImplementedError

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        """Serve one connection."""
        raise NotImplementedError

    # -- the server

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        names: Any = list(self.subprotocols) or None
        async with serve(
            self._serve, "127.0.0.1", 0, process_request=self._admit, subprotocols=names, compression=None
        ) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await self._over.wait()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self._note(lambda: self.asked.append(request))
        scenario = self.plan.now(len(self.asked))
        if self.key_of(request) != KEY:
            scenario = "bad key"
        return self.refusal(connection, scenario) if scenario in ("bad key", "limit") else None

    async def _serve(self, socket: ServerConnection) -> None:
        self._note(lambda: setattr(self, "open", self.open + 1))
        try:
            await self.talk(socket, self.plan.now(len(self.asked)))
        except ConnectionClosed:
            pass
        finally:
            self._note(lambda: setattr(self, "open", self.open - 1))

    def note_audio(self, hearing: Hearing, pcm: bytes) -> None:
        """Judge audio, and record it."""
        hearing.feed(pcm)
        self._note(lambda: setattr(self, "heard_ms", self.heard_ms + len(pcm) * 500 // hearing.rate))

    def _note(self, change: Callable[[], Any]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()


async def fails_now(
    socket: ServerConnection, hearing: Hearing, scenario: str, garbage: str = "<html>503</html>"
) -> bool:
    """Fail as told as soon as something was said; answers whether nothing more is to be said."""
    if scenario == "stall":
        return True
    if scenario == "drop" and hearing.voiced_ms >= 200:
        socket.transport.abort()
        return True
    if scenario == "garbage" and hearing.is_over:
        hearing.text()
        await socket.send(garbage)
        return True
    return False
