"""One caller in one dialogue: speaks recorded sentences over AudioSocket, hears, and follows the events of the call."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
import wave
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

VOICES = Path(__file__).parent / "voices"
HANGUP, ID, DTMF, AUDIO = 0x00, 0x01, 0x03, 0x10
FRAME_BYTES = 320
FRAME_SECONDS = 0.02
# A runner that is busy refuses calls and asks to try again in some seconds.
_TRIES = 8
_PATIENCE_SECONDS = 2.0
# Louder than the noise of a neural voice, softer than any word.
_SOUND_PEAK = 200


@dataclass(frozen=True)
class Event:
    """One server-sent event, and when it came (monotonic seconds)."""

    type: str
    data: dict[str, Any]
    at: float


class Failed(AssertionError):
    """The dialogue went another way."""


class Call:
    """Belongs to the event loop. Use as an async context manager."""

    def __init__(self, api: str, audio: str, agent: str) -> None:
        self._api = api
        self._audio = audio
        self._agent = agent
        self._news = asyncio.Condition()
        self._cursor = 0
        self._to_say: deque[bytes] = deque()
        self._said = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._writer: asyncio.StreamWriter | None = None
        self.id = ""
        self.events: list[Event] = []
        self.sounding: list[tuple[float, bool]] = []
        self.hung_up = False
        self.answers_ms: list[float] = []
        self._fell_silent: float | None = None

    async def __aenter__(self) -> Call:
        self._http = httpx.AsyncClient(base_url=f"http://{self._api}", timeout=None)
        for _ in range(_TRIES):
            await self._dial()
            if await self._is_admitted():
                return self
            await self._put_down()
            await asyncio.sleep(_PATIENCE_SECONDS)
        raise Failed(f"the runner had no room {_TRIES} times in a row")

    async def __aexit__(self, *_: object) -> None:
        await self._put_down()
        await self._http.aclose()

    async def _dial(self) -> None:
        self.events.clear()
        self._cursor = 0
        answer = await self._http.post("/v1/pipecatcalls", json={"agent": self._agent})
        if answer.status_code != 200:
            raise Failed(f"the start was answered {answer.status_code}: {answer.text}")
        self.id = answer.json()["id"]
        self._tasks = [asyncio.create_task(self._follow())]
        host, _, port = self._audio.rpartition(":")
        reader, self._writer = await asyncio.open_connection(host, int(port))
        self._writer.write(bytes((ID, 0, 16)) + uuid.UUID(self.id).bytes)
        self._tasks += [asyncio.create_task(self._listen(reader)), asyncio.create_task(self._speak(self._writer))]

    async def _is_admitted(self) -> bool:
        """Whether the call became live; False when the runner is too busy for another one and said so."""
        async with self._news:
            await self._news.wait_for(
                lambda: any(e.type in ("pipecatcall_initialized", "pipecatcall_terminated") for e in self.events)
            )
        busy = any(e.type == "error_reported" and "answered 503" in str(e.data.get("message")) for e in self.events)
        return not busy

    async def _put_down(self) -> None:
        if self._writer is not None:
            self._writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what a dialogue does

    async def says(self, *names: str) -> None:
        """Speak recorded sentences one after the other; returns when the last sound was sent."""
        for name in names:
            with wave.open(str(VOICES / f"{name}.wav")) as file:
                pcm = file.readframes(file.getnframes())
            self._said.clear()
            self._to_say.extend(
                pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for at in range(0, len(pcm), FRAME_BYTES)
            )
        await self._said.wait()
        self._fell_silent = time.monotonic()

    def press(self, keys: str) -> None:
        """Press keys of the telephone."""
        for key in keys:
            self._require().write(bytes((DTMF, 0, 1)) + key.encode())

    def hangs_up(self) -> None:
        """End the leg as Asterisk does: the connection closes."""
        self._require().close()

    # -- what a dialogue expects

    async def hears(self, *words: str, within: float = 20) -> Event:
        """Wait until the caller has heard a sentence with these words; what was heard before it is passed over."""
        return await self.event("message_bot_heard", *words, within=within)

    async def event(self, kind: str, /, *words: str, within: float = 20, **match: Any) -> Event:
        """Wait for the next event of a type whose text has these words and whose data has these values."""

        def found() -> Event | None:
            for index in range(self._cursor, len(self.events)):
                event = self.events[index]
                text = str(event.data.get("text", "")).lower()
                if (
                    event.type == kind
                    and all(word.lower() in text for word in words)
                    and all(event.data.get(key) == value for key, value in match.items())
                ):
                    self._cursor = index + 1
                    return event
            return None

        what = f"{kind} {' '.join(words)} {match or ''}".strip()
        try:
            async with asyncio.timeout(within), self._news:
                while (event := found()) is None:
                    await self._news.wait()
                return event
        except TimeoutError:
            raise Failed(f"not within {within:g} s: {what}\n{self.story()}") from None

    async def ended(self, reason: str, within: float = 20) -> Event:
        """Wait for the end of the call."""
        event = await self.event("pipecatcall_terminated", within=within)
        if event.data.get("end_reason") != reason:
            raise Failed(f"ended as {event.data.get('end_reason')}, not {reason}\n{self.story()}")
        return event

    async def is_hung_up(self, within: float = 5) -> None:
        """Wait until the hangup has come to the caller; the event of the end may be here before it."""
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: self.hung_up)
        except TimeoutError:
            raise Failed(f"not hung up within {within:g} s\n{self.story()}") from None

    def never(self, kind: str, *words: str) -> None:
        """Nothing of this has happened in the whole call."""
        for event in self.events:
            text = str(event.data.get("text", "")).lower()
            if event.type == kind and all(word.lower() in text for word in words):
                raise Failed(f"happened and should not: {kind} {' '.join(words)}\n{self.story()}")

    def heard_times(self, *words: str) -> int:
        """How many of the heard sentences have these words."""
        return sum(
            event.type == "message_bot_heard" and all(w.lower() in str(event.data["text"]).lower() for w in words)
            for event in self.events
        )

    def longest_silence(self, since: float, until: float) -> float:
        """The longest time without a sound from the bot, in seconds."""
        longest, quiet_from = 0.0, since
        for at, sounds in self.sounding:
            if since <= at <= until and sounds:
                longest, quiet_from = max(longest, at - quiet_from), at
        return max(longest, until - quiet_from)

    def story(self) -> str:
        """What happened, for a person."""
        start = self.events[0].at if self.events else 0.0
        keys = ("text", "name", "succeeded", "message", "kind", "part", "action", "end_reason", "digit")
        lines = []
        for event in self.events:
            if "intermediate" in event.type or event.type == "metrics_reported":
                continue
            known = {key: event.data[key] for key in keys if event.data.get(key) not in (None, "")}
            lines.append(f"  {event.at - start:6.2f} {event.type} {known or ''}")
        return "\n".join(lines)

    # -- the line

    async def _follow(self) -> None:
        async with self._http.stream("GET", f"/v1/pipecatcalls/{self.id}/events") as answer:
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    envelope = json.loads(value)
                    async with self._news:
                        self.events.append(Event(kind, envelope.get("data", envelope), time.monotonic()))
                        self._news.notify_all()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readexactly(3)
                payload = await reader.readexactly(int.from_bytes(head[1:], "big"))
                if head[0] == AUDIO:
                    self._hear(payload)
                elif head[0] == HANGUP:
                    self.hung_up = True
                    async with self._news:
                        self._news.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    def _hear(self, payload: bytes) -> None:
        now = time.monotonic()
        sounds = bool(np.abs(np.frombuffer(payload, dtype="<i2").astype(np.int32)).max(initial=0) > _SOUND_PEAK)
        self.sounding.append((now, sounds))
        if sounds and self._fell_silent is not None:
            self.answers_ms.append((now - self._fell_silent) * 1000)
            self._fell_silent = None

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                payload = self._to_say.popleft() if self._to_say else bytes(FRAME_BYTES)
                if not self._to_say:
                    self._said.set()
                writer.write(bytes((AUDIO,)) + FRAME_BYTES.to_bytes(2, "big") + payload)
                await writer.drain()
                due += FRAME_SECONDS
                await asyncio.sleep(max(0.0, due - loop.time()))
        except ConnectionError:
            pass

    def _require(self) -> asyncio.StreamWriter:
        if self._writer is None:
            raise Failed("the caller is not connected")
        return self._writer
