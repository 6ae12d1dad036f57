"""Asterisk's side of AudioSocket: callers that connect where an external media says, and count what they hear."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Coroutine
from typing import Any

HANGUP, ID, DTMF, AUDIO = 0x00, 0x01, 0x03, 0x10
FRAME_BYTES = 320
FRAME_SECONDS = 0.02


class Caller:
    """One leg. Its figures are written by Asterisk's thread and may be read by any."""

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.frames = 0
        self.silent_after_speech = 0
        self.longest_gap = 0.0
        self.ended: str | None = None
        self.first_sound: float | None = None
        self.heard = bytearray()
        self._spoke = False
        self._last = 0.0
        self._writer: asyncio.StreamWriter | None = None

    def _frame(self, payload: bytes, *, keep: bool) -> None:
        now = time.monotonic()
        if self.frames:
            self.longest_gap = max(self.longest_gap, now - self._last)
        self._last = now
        self.frames += 1
        if any(payload):
            self._spoke = True
            self.first_sound = self.first_sound or now
        elif self._spoke:
            self.silent_after_speech += 1
        if keep:
            self.heard += payload


class Asterisk:
    """Many callers in one thread of their own. Use as a context manager."""

    def __init__(self) -> None:
        self.callers: dict[str, Caller] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asterisk", daemon=True)

    def __enter__(self) -> Asterisk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for caller in list(self.callers.values()):
            self.drop(caller.call_id)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def call(self, address: str, call_id: str, *, says: bytes = b"", keep: bool = False) -> Caller:
        """A caller that connects to ``host:port`` and, where it has something to say (8 kHz PCM), says it once.

        Raises:
            OSError: Nobody listens there.
        """
        caller = Caller(call_id)
        self.callers[call_id] = caller
        self._do(self._connect(caller, address, says, keep))
        return caller

    def say(self, call_id: str, pcm: bytes) -> None:
        """Let a caller speak, in real time; returns when it was said."""
        caller = self.callers[call_id]
        asyncio.run_coroutine_threadsafe(self._speak(caller, pcm), self._loop).result(len(pcm) / 16_000 + 10)

    def hang_up(self, call_id: str) -> None:
        """End a leg in order."""
        self._do(self._send(self.callers[call_id], bytes((HANGUP, 0, 0))))

    def press(self, call_id: str, key: str) -> None:
        """Press a key of a caller's telephone."""
        self._do(self._send(self.callers[call_id], bytes((DTMF, 0, 1)) + key.encode()))

    def drop(self, call_id: str) -> None:
        """Let a leg vanish."""
        writer = self.callers[call_id]._writer
        if writer is not None:
            self._loop.call_soon_threadsafe(writer.transport.abort)

    async def _connect(self, caller: Caller, address: str, says: bytes, keep: bool) -> None:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        caller._writer = writer
        await self._send(caller, bytes((ID, 0, 16)) + uuid.UUID(caller.call_id).bytes)
        self._loop.create_task(self._listen(caller, reader, keep))
        if says:
            self._loop.create_task(self._speak(caller, says))

    async def _listen(self, caller: Caller, reader: asyncio.StreamReader, keep: bool) -> None:
        try:
            while True:
                head = await reader.readexactly(3)
                payload = await reader.readexactly(int.from_bytes(head[1:], "big"))
                if head[0] == AUDIO:
                    caller._frame(payload, keep=keep)
                elif head[0] == HANGUP:
                    caller.ended = "hangup"
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            caller.ended = caller.ended or "broken"
        finally:
            if caller._writer is not None:
                caller._writer.close()

    async def _speak(self, caller: Caller, pcm: bytes) -> None:
        due = self._loop.time()
        for at in range(0, len(pcm), FRAME_BYTES):
            payload = pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
            await self._send(caller, bytes((AUDIO,)) + FRAME_BYTES.to_bytes(2, "big") + payload)
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - self._loop.time()))

    async def _send(self, caller: Caller, data: bytes) -> None:
        if caller._writer is not None:
            caller._writer.write(data)
            await caller._writer.drain()
