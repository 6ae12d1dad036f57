"""What the servers of all voices share: sound whose words can be recognised, and ways to fail.

Word i of the script has the sample value 1000 (i + 1), as in ``tests/support/words.py``: whatever the order in which a
provider is asked for sentences, what the caller hears says which of them it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from websockets import ConnectionClosed
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from tests.support.words import STEP, word_ms

#: ``speak`` and then how it fails: refuses the key, has had too many requests, takes the text and says nothing, breaks
#: off in the middle, answers with what is no answer, says at once that all was said.
Does = Literal["speak", "bad key", "limit", "stall", "drop", "garbage", "silent"]


@dataclass
class Asked:
    """A text a voice was asked to speak.

    Attributes:
        text: As it came.
        voice: The provider's name of the voice.
        about: What else was asked for: language, rate, speed, options.
    """

    text: str
    voice: str
    about: dict[str, Any] = field(default_factory=dict)


class VoiceServer:
    """Speaks a script, and fails as told; use as a context manager.

    Attributes:
        does: How it answers now.
        times: How often it still does that before it speaks; None for ever.
        asked: What it was asked to speak.
        keys: The keys it was shown.
        connections: How many were opened.
        open: How many are.
        pace: How many times faster than it sounds its sound is made; 0 makes it at once.
        wrong: What a request should not have been.
    """

    def __init__(self, script: str, does: Does = "speak", times: int | None = None) -> None:
        self.script = script.split()
        self.does: Does = does
        self.times = times
        self.asked: list[Asked] = []
        self.keys: list[str | None] = []
        self.connections = 0
        self.open = 0
        self.pace = 0.0
        self.wrong: list[Exception] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Keep what was wrong with a request for the end of the test; a server's thread has nobody to tell."""
        try:
            yield
        except (OSError, ConnectionClosed):
            raise
        except Exception as e:
            self.wrong.append(e)
            raise

    def tell(self) -> None:
        """Fail if anything was wrong with what was asked."""
        assert not self.wrong, self.wrong

    def next_deed(self) -> Does:
        """What to do with the next request."""
        if self.times is None:
            return self.does
        self.times -= 1
        if self.times < 0:
            return "speak"
        return self.does

    def note(self, asked: Asked) -> None:
        """Enter what was asked."""
        self.asked.append(asked)

    def words(self, text: str, rate: int) -> Iterator[tuple[str, float, bytes]]:
        """Each word of a text with the second at which it begins and its sound, 16-bit mono."""
        words = text.split()
        first = self._position(words)
        at = 0.0
        for index, word in enumerate(words):
            samples = word_ms(word) * rate // 1000
            yield word, at, struct.pack("<h", STEP * (first + index + 1)) * samples
            at += samples / rate

    def sound(self, text: str, rate: int) -> bytes:
        """The sound of a text, 16-bit mono."""
        return b"".join(sound for _, _, sound in self.words(text, rate))

    def _position(self, words: list[str]) -> int:
        for start in range(len(self.script) - len(words) + 1):
            if self.script[start : start + len(words)] == words:
                return start
        raise AssertionError(f"{' '.join(words)!r} is not in the script {' '.join(self.script)!r}")


class SocketVoiceServer(VoiceServer):
    """A voice behind a WebSocket; it has a thread with a loop of its own."""

    def __enter__(self) -> Any:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.tell()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self._port}"

    async def converse(self, socket: ServerConnection, request: Request) -> None:
        """Speak the provider's protocol until the socket closes."""
        raise NotImplementedError

    def key(self, request: Request) -> str | None:
        """The key a client shows."""
        raise NotImplementedError

    def refuse(self, connection: ServerConnection, status: int) -> Response:
        """Refuse a client the way the provider does."""
        return connection.respond(status, "refused\n")

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        async with serve(self._serve, "127.0.0.1", 0, process_request=self._admit, compression=None) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await self._over.wait()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        with self.watching():
            self.keys.append(self.key(request))
        self.connections += 1
        if self.does == "bad key" and self.next_deed() == "bad key":
            return self.refuse(connection, 401)
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.open += 1
        with contextlib.suppress(ConnectionClosed), self.watching():
            await self.converse(socket, socket.request)
        await socket.wait_closed()
        self.open -= 1
