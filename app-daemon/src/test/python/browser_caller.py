"""A caller over WebSocket, as a browser's page is one: speaks a tone, listens, hangs up, and says what it heard.

usage: browser_caller.py URI RATE SECONDS TOKEN

The tone, 440 Hz, is sent in bursts of 100 ms, as a page whose main thread is busy does. Prints one JSON object.
"""

import asyncio
import base64
import json
import math
import struct
import sys
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

HZ = 440
FRAME_MS = 20
BURST_FRAMES = 5


def tone(rate: int, first: int, count: int) -> bytes:
    """Samples of the tone from ``first`` on, at a quarter of full scale."""
    return struct.pack(f"<{count}h", *(int(8192 * math.sin(2 * math.pi * HZ * i / rate)) for i in range(first, first + count)))


def share_of_tone(samples: list[int], rate: int) -> float:
    """How much of the energy of ``samples`` is at the tone's frequency, 0 to 1."""
    energy = sum(s * s for s in samples)
    if energy == 0:
        return 0.0
    re = sum(s * math.cos(2 * math.pi * HZ * i / rate) for i, s in enumerate(samples))
    im = sum(s * math.sin(2 * math.pi * HZ * i / rate) for i, s in enumerate(samples))
    return 2 * (re * re + im * im) / (len(samples) * energy)


async def call(uri: str, rate: int, seconds: float, token: str) -> dict[str, object]:
    protocols = ["pipecat.audio.v1"]
    if token:
        protocols.append("bearer." + base64.urlsafe_b64encode(token.encode()).decode().rstrip("="))
    frame = rate * FRAME_MS // 1000
    frames: list[bytes] = []
    said: list[dict[str, str]] = []

    async with connect(f"{uri}?rate={rate}", subprotocols=protocols) as leg:

        async def listen() -> None:
            try:
                async for message in leg:
                    if isinstance(message, bytes):
                        frames.append(message)
                    else:
                        said.append(json.loads(message))
            except ConnectionClosed:
                pass

        listening = asyncio.create_task(listen())
        begun = time.monotonic()
        for burst in range(int(seconds * 1000 / FRAME_MS / BURST_FRAMES)):
            for i in range(BURST_FRAMES):
                await leg.send(tone(rate, (burst * BURST_FRAMES + i) * frame, frame))
            await asyncio.sleep(begun + (burst + 1) * BURST_FRAMES * FRAME_MS / 1000 - time.monotonic())
        heard_frames, took = len(frames), time.monotonic() - begun
        await leg.send(json.dumps({"type": "dtmf", "digit": "5"}))
        await leg.send(json.dumps({"type": "hangup"}))
        await listening
        code = leg.close_code

    samples = [s for data in frames for (s,) in struct.iter_unpack("<h", data)]
    first = next((i for i, s in enumerate(samples) if abs(s) > 1000), len(samples))
    return {
        "subprotocol": leg.subprotocol,
        "frames": heard_frames,
        "expected_frames": took * 1000 / FRAME_MS,
        "frame_bytes": sorted({len(data) for data in frames}),
        "tone": share_of_tone(samples[first : first + rate // 2], rate),
        "said": said,
        "close_code": code,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(call(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))))
