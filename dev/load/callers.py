"""The daemon's side of many calls in one process with one 20 ms clock: callers who ask, listen and ask again.

Reads commands as JSON lines and answers each with one:

- ``{"do": "start", "calls": 8, "per_second": 4, "run": {…}}`` starts calls with this body of ``/run``; answers how many
  started, and how the others were refused;
- ``{"do": "measure", "seconds": 20}``: what was heard meanwhile, see ``Heard``;
- ``{"do": "lost"}``: how many links broke that nobody had asked to close;
- ``{"do": "stop"}`` stops all calls.

A latency is the time from the last voiced 20 ms of a question that was sent to the first audible 20 ms of the answer
that was played. A gap is up to 0.4 s inside an answer in which there was nothing to play. How late the clock itself
was is told, too.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import random
import sys
import time
import wave
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

FRAME_SECS = 0.02
WINDOW_MS, REPORT_TICKS = 400, 2
AUDIBLE = 300
UNANSWERED_SECS = 8.0
GAP_TICKS = 20


def _protobuf() -> Any:
    # The module alone: importing pipecat would cost this process a second and 100 MB.
    found = importlib.util.find_spec("pipecat")
    assert found is not None
    assert found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / "frames" / "protobufs" / "frames_pb2.py"
    spec = importlib.util.spec_from_file_location("frames_pb2", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pb = _protobuf()


def _audio(pcm: bytes) -> bytes:
    frame = pb.Frame()
    frame.audio.audio, frame.audio.sample_rate, frame.audio.num_channels = pcm, 16_000, 1
    return bytes(frame.SerializeToString())


def _message(kind: str, data: dict[str, Any]) -> bytes:
    frame = pb.Frame()
    frame.message.data = json.dumps({"label": "rtvi-ai", "type": kind, "id": "p", "data": data})
    return bytes(frame.SerializeToString())


def _is_audible(pcm: bytes) -> bool:
    return max(memoryview(pcm).cast("h")) > AUDIBLE


SILENCE = _audio(bytes(640))


def question(path: str) -> list[bytes]:
    """The frames of a question, up to its last voiced one."""
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        pcm = file.readframes(file.getnframes())
    frames = [pcm[i : i + 640] for i in range(0, len(pcm) - 639, 640)]
    while frames and not _is_audible(frames[-1]):
        frames.pop()
    return [_audio(frame) for frame in frames]


@dataclass
class Heard:
    """What was heard in a while."""

    latencies: list[float] = field(default_factory=list)
    unanswered: int = 0
    gaps: int = 0
    late: float = 0.0


class Call:
    """One caller."""

    def __init__(self, frames: list[bytes], heard: Heard) -> None:
        """A caller who will ask this."""
        self.frames = frames
        self.heard = heard
        self.socket: web.WebSocketResponse | None = None
        self.lost = self.stopping = False
        self.queue = bytearray()
        self.rate = 0
        self.pos_ms = self.reported = 0
        self.playing = False
        self.greeted = asyncio.Event()
        self.ticks = 0
        self.say_at = time.monotonic() + random.uniform(0.5, 4.0)  # noqa: S311 - so that they do not ask in step
        self.saying = -1
        self.asked_at: float | None = None
        self.quiet_ticks = self.empty_ticks = 0
        self.answering = False

    def take(self, data: bytes) -> bytes | None:
        """Take a message of the runner; the answer to it, if one is due."""
        frame = pb.Frame.FromString(data)
        kind = frame.WhichOneof("frame")
        if kind == "audio":
            self.rate = frame.audio.sample_rate
            self.queue += frame.audio.audio
        elif kind == "interruption":
            at, dropped = self.pos_ms, len(self.queue) * 1000 // (2 * self.rate) if self.rate else 0
            self.queue.clear()
            self.pos_ms += dropped
            return self._report(event="flushed", at_ms=at, dropped_ms=dropped)
        return None

    def tick(self, now: float) -> list[bytes]:
        """20 ms: what is sent."""
        self.ticks += 1
        sent = [self._speak(now)]
        size = self.rate // 50 * 2
        frame = bytes(self.queue[:size]) if size and len(self.queue) >= size else None
        if frame is not None:
            del self.queue[:size]
            self.pos_ms += 20
            self.greeted.set()
        began = frame is not None and not self.playing
        self.playing = frame is not None
        if began or (self.ticks % REPORT_TICKS == 0 and self.pos_ms != self.reported):
            self.reported = self.pos_ms
            sent.append(self._report())
        self._listen(now, frame is not None and _is_audible(frame))
        return sent

    def _speak(self, now: float) -> bytes:
        if self.saying < 0 and now >= self.say_at and self.asked_at is None and not self.answering:
            self.saying = 0
        if self.saying < 0:
            return SILENCE
        frame = self.frames[self.saying]
        self.saying += 1
        if self.saying == len(self.frames):
            self.saying, self.asked_at = -1, now
        return frame

    def _listen(self, now: float, audible: bool) -> None:
        if self.asked_at is not None and (audible or now - self.asked_at > UNANSWERED_SECS):
            if audible:
                self.heard.latencies.append(now - self.asked_at)
                self.answering, self.quiet_ticks, self.empty_ticks = True, 0, 0
            else:
                self.heard.unanswered += 1
                self.say_at = now
            self.asked_at = None
        elif self.answering:
            if audible:
                self.heard.gaps += 0 < self.empty_ticks <= GAP_TICKS
                self.quiet_ticks = self.empty_ticks = 0
            else:
                self.quiet_ticks += 1
                self.empty_ticks += not self.playing
            if self.quiet_ticks > 50:
                self.answering = False
                self.say_at = now + random.uniform(0.2, 1.0)  # noqa: S311

    def _report(self, **more: Any) -> bytes:
        queued = len(self.queue) * 1000 // (2 * self.rate) if self.rate else 0
        d = {"pos_ms": self.pos_ms, "limit_ms": self.pos_ms + WINDOW_MS, "queued_ms": queued, **more}
        return _message("client-message", {"t": "playout", "d": d})


class Callers:
    """All of them."""

    def __init__(self, runner: str, frames: list[bytes]) -> None:
        """Calls of a runner at this address."""
        self._runner = runner
        self._frames = frames
        self._calls: dict[str, Call] = {}
        self._heard = Heard()
        self._last = 0
        self._port = 0

    async def serve(self) -> None:
        """Wait for links."""
        app = web.Application()
        app.add_routes([web.get("/{id}", self._link)])
        serving = web.AppRunner(app, shutdown_timeout=0.5)
        await serving.setup()
        site = web.TCPSite(serving, "127.0.0.1", 0)
        await site.start()
        self._port = serving.addresses[0][1]

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        call = self._calls[request.match_info["id"]]
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        await socket.send_bytes(_message("client-ready", {"version": "2.2.0", "about": {"library": "callers"}}))
        await socket.send_bytes(call._report())
        call.socket = socket
        async for message in socket:
            answer = call.take(message.data)
            if answer is not None:
                await socket.send_bytes(answer)
        call.socket, call.lost = None, not call.stopping
        return socket

    async def clock(self) -> None:
        """One tick for all, every 20 ms."""
        due = time.monotonic()
        while True:
            due += FRAME_SECS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            self._heard.late = max(self._heard.late, now - due)
            for call in list(self._calls.values()):
                for message in call.tick(now) if call.socket is not None else ():
                    if call.socket is not None and not call.socket.closed:
                        await call.socket.send_bytes(message)

    async def start(self, calls: int, per_second: float, run: dict[str, Any]) -> dict[str, Any]:
        """Start calls, evenly spread."""
        refusals: Counter[str] = Counter()
        setups: list[float] = []

        async def one() -> None:
            self._last += 1
            call_id = str(self._last)
            self._calls[call_id] = Call(self._frames, self._heard)
            link = {"ws_url": f"ws://127.0.0.1:{self._port}/{call_id}", "token": "t"}
            began = time.monotonic()
            async with self._http.post(f"{self._runner}/run", json={"id": call_id, "link": link, **run}) as answer:
                if answer.status == 200:
                    setups.append(time.monotonic() - began)
                else:
                    refusals[(await answer.json())["detail"]] += 1
                    del self._calls[call_id]

        tasks = []
        for _ in range(calls):
            tasks.append(asyncio.create_task(one()))
            await asyncio.sleep(1 / per_second)
        await asyncio.gather(*tasks)
        return {"started": len(setups), "refused": refusals, "setup": setups}

    async def measure(self, seconds: float) -> dict[str, Any]:
        """What is heard from now on."""
        self._heard.__init__()  # type: ignore[misc]
        await asyncio.sleep(seconds)
        return {**vars(self._heard), "calls": sum(call.socket is not None for call in self._calls.values())}

    async def greeted(self) -> dict[str, Any]:
        """Wait until every call has heard something."""
        await asyncio.gather(*(call.greeted.wait() for call in self._calls.values()))
        return {}

    async def stop(self) -> dict[str, Any]:
        """Stop all."""
        for call in self._calls.values():
            call.stopping = True

        async def one(call_id: str) -> None:
            async with self._http.post(f"{self._runner}/stop", params={"id": call_id}) as answer:
                await answer.read()

        await asyncio.gather(*map(one, self._calls))
        self._calls.clear()
        return {}

    async def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what a line says."""
        match command.pop("do"):
            case "start":
                return await self.start(**command)
            case "measure":
                return await self.measure(**command)
            case "greeted":
                return await self.greeted()
            case "lost":
                return {"lost": sum(call.lost for call in self._calls.values())}
            case _:
                return await self.stop()

    async def run(self) -> None:
        """Obey until standard input ends."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as self._http:
            await self.serve()
            clock = asyncio.create_task(self.clock())
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                print(json.dumps(await self.obey(json.loads(line))), flush=True)
            clock.cancel()


if __name__ == "__main__":
    asyncio.run(Callers(sys.argv[1], question(sys.argv[2])).run())
