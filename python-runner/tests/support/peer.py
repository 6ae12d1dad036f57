"""The daemon's side of the link for tests: a WebSocket server with its own 20 ms clock, queue, reports and flush.

It runs in a thread with an event loop of its own, so that a stalled runner does not stall its clock. What the caller
hears is recorded frame by frame: silence inserted because the queue was empty is seen in the record, whatever the
wall clock did.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from websockets import ConnectionClosed
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from tests.support.wire import pb

T = TypeVar("T")

FRAME_MS = 20


@dataclass
class Flush:
    """What an interruption did to the queue."""

    at_ms: int
    dropped_ms: int
    heard_frames: int


@dataclass
class PeerOptions:
    """How the peer behaves."""

    window_ms: int = 400
    report_ms: int = 40
    refuse_with: int | None = None
    reports: bool = True
    hold: bool = False
    flush_answer: bool = True


@dataclass
class Closed:
    """How the runner closed the link."""

    code: int | None
    at_heard_frames: int


@dataclass
class Peer:
    """One call's daemon. Use as a context manager; methods may be called from any thread."""

    options: PeerOptions = field(default_factory=PeerOptions)
    rate: int = 0
    received: bytearray = field(default_factory=bytearray)
    heard: list[bytes | None] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[tuple[str, int]] = field(default_factory=list)
    flushes: list[Flush] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    closed: Closed | None = None
    markers: int = 0
    max_ahead_ms: int = 0
    max_queue_ms: int = 0

    def __enter__(self) -> Peer:
        self._changed = threading.Condition()
        self._queue = bytearray()
        self._pos_ms = 0
        self._started = False
        self._socket: ServerConnection | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="peer", daemon=True)
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def url(self) -> str:
        """Where the runner connects."""
        return f"ws://127.0.0.1:{self._port}/call/ws"

    # -- what a test does

    def send(self, frame: Any) -> None:
        """Send a protobuf frame."""
        self.send_raw(frame.SerializeToString())

    def send_raw(self, message: bytes | str) -> None:
        """Send anything."""
        self._call(lambda: self._require_socket().send(message))

    def send_message(self, kind: str, data: dict[str, Any], id: str = "1") -> None:
        """Send an RTVI message."""
        self.send(_message({"label": "rtvi-ai", "type": kind, "id": id, "data": data}))

    def send_audio(self, pcm: bytes, rate: int = 16000) -> None:
        """Send caller audio."""
        frame = pb.Frame()
        frame.audio.audio, frame.audio.sample_rate, frame.audio.num_channels = pcm, rate, 1
        self.send(frame)

    def client_ready(self) -> None:
        """Shake hands and wait for the answer."""
        self.send_message("client-ready", {"version": "2.2.0", "about": {"library": "peer"}})
        self.wait_for_message("bot-ready")

    def say(self, text: str) -> None:
        """Send what the caller would have said."""
        self.send_message("send-text", {"content": text})

    def hold(self, on: bool) -> None:
        """Stop or resume playing, announced as the protocol says."""

        async def set_hold() -> None:
            self.options.hold = on
            await self._report(**({"event": "hold"} if on else {}))

        self._call(set_hold)

    def interrupt(self) -> None:
        """Stop the bot from the daemon's side."""
        frame = pb.Frame()
        frame.interruption.SetInParent()
        self.send(frame)

    def close(self, code: int = 1000) -> None:
        """Close the link."""
        self._call(lambda: self._require_socket().close(code))

    def abort(self) -> None:
        """Break the link without a word."""

        async def abort() -> None:
            self._require_socket().transport.abort()

        self._call(abort)

    # -- what a test waits for

    def wait_until(self, condition: Callable[[], T], what: str, timeout: float = 30) -> T:
        """Wait for a condition on the record; fails with ``what`` after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (value := condition()):
                left = deadline - time.monotonic()
                assert left > 0, f"the peer waited {timeout} s in vain for: {what}"
                self._changed.wait(min(left, 0.5))
        return value

    def wait_for_message(self, kind: str, after: int = 0, **match: Any) -> dict[str, Any]:
        """Wait for an RTVI message of a type whose data has these values; answers its data."""

        def find() -> dict[str, Any] | None:
            for message in self.messages[after:]:
                data = message.get("data") or {}
                if message["type"] == kind and all(data.get(k) == v for k, v in match.items()):
                    return dict(data) or {"": None}
            return None

        found = self.wait_until(find, f"message {kind} {match}")
        assert found is not None
        return found

    def wait_closed(self) -> Closed:
        """Wait until the runner has closed the link."""
        closed = self.wait_until(lambda: self.closed, "the link to close")
        assert closed is not None
        return closed

    def heard_ms(self) -> int:
        """Milliseconds of bot audio heard so far."""
        return sum(frame is not None for frame in self.heard) * FRAME_MS

    def data(self, kind: str) -> list[dict[str, Any]]:
        """The data of all messages of a type."""
        return [message.get("data") or {} for message in self.messages if message["type"] == kind]

    # -- the daemon

    def _call(self, action: Callable[[], Awaitable[Any]]) -> None:
        async def run() -> None:
            await action()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    def _require_socket(self) -> ServerConnection:
        assert self._socket is not None, "the runner is not connected"
        return self._socket

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        server: Server
        async with serve(
            self._serve, "127.0.0.1", 0, process_request=self._admit, max_size=1 << 20, compression=None
        ) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await self._over.wait()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.headers = {name.lower(): value for name, value in request.headers.raw_items()}
        if self.options.refuse_with is not None:
            return connection.respond(self.options.refuse_with, "refused\n")
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        clock = asyncio.create_task(self._clock())
        try:
            await self._report()
            async for message in socket:
                assert isinstance(message, bytes), "the runner sent a text message"
                await self._take(pb.Frame.FromString(message))
        except ConnectionClosed:
            pass
        finally:
            clock.cancel()
            code = socket.close_code if socket.protocol.close_rcvd is not None else None
            self._note(lambda: setattr(self, "closed", Closed(code, len(self.heard))))

    async def _take(self, frame: Any) -> None:
        kind = frame.WhichOneof("frame")
        if kind == "audio":
            self._take_audio(frame.audio)
        elif kind == "interruption":
            await self._flush()
        elif kind == "message":
            message = json.loads(frame.message.data)

            def note() -> None:
                self.messages.append(message)
                self.timeline.append((message["type"], self.heard_ms()))

            self._note(note)

    def _take_audio(self, audio: Any) -> None:
        self.rate = audio.sample_rate
        self.received += audio.audio
        self._queue += audio.audio
        queued = len(self._queue) * 1000 // (2 * self.rate)
        self.max_queue_ms = max(self.max_queue_ms, queued)
        self._note(lambda: None)

    async def _flush(self) -> None:
        dropped = len(self._queue) * 1000 // (2 * self.rate) if self.rate else 0
        at = self._pos_ms
        self._queue.clear()
        self._pos_ms += dropped

        def note() -> None:
            self.markers += 1
            self.flushes.append(Flush(at, dropped, len(self.heard)))

        self._note(note)
        if self.options.flush_answer:
            await self._report(event="flushed", at_ms=at, dropped_ms=dropped)

    async def _clock(self) -> None:
        due = time.monotonic()
        ticks = 0
        reported = 0
        playing = False
        while True:
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            ticks += 1
            size = self.rate * FRAME_MS // 1000 * 2
            if size and len(self._queue) >= size and not self.options.hold:
                frame: bytes | None = bytes(self._queue[:size])
                del self._queue[:size]
                self._pos_ms += FRAME_MS
            else:
                frame = None
            self._note(lambda frame=frame: self.heard.append(frame))  # type: ignore[misc]
            started = frame is not None and not playing
            playing = frame is not None
            if started or (ticks * FRAME_MS % self.options.report_ms == 0 and self._pos_ms != reported):
                reported = self._pos_ms
                await self._report()

    async def _report(self, **more: Any) -> None:
        if not self.options.reports or self._socket is None:
            return
        data = {
            "pos_ms": self._pos_ms,
            "limit_ms": self._pos_ms + self.options.window_ms,
            "queued_ms": len(self._queue) * 1000 // (2 * self.rate) if self.rate else 0,
            **more,
        }
        message = {"label": "rtvi-ai", "type": "client-message", "id": "p", "data": {"t": "playout", "d": data}}
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(_message(message).SerializeToString())

    def _note(self, change: Callable[[], Any]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()


def _message(content: dict[str, Any]) -> Any:
    frame = pb.Frame()
    frame.message.data = json.dumps(content)
    return frame
