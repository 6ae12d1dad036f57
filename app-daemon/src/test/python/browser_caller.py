"""A caller over WebSocket, as a browser's page is one: speaks a tone, listens, hangs up, and says what it heard.

usage: browser_caller.py URI RATE SECONDS TOKEN [HZ]

After a second of silence the tone, 440 Hz or HZ, is sent in bursts of 100 ms, as a page whose main thread is busy does.
Prints one JSON object.
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

TONE_HZ = 440
FRAME_MS = 20
BURST_FRAMES = 5
SILENCE_SECONDS = 1.0


def tone(rate: int, hz: int, first: int, count: int) -> bytes:
    """Samples of the tone from ``first`` on, at a quarter of full scale."""
    samples = (int(8192 * math.sin(2 * math.pi * hz * i / rate)) for i in range(first, first + count))
    return struct.pack(f"<{count}h", *samples)


def share_of_tone(samples: list[int], rate: int, hz: int) -> float:
    """How much of the energy of ``samples`` is at ``hz``, 0 to 1."""
    energy = sum(s * s for s in samples)
    if energy == 0:
        return 0.0
    re = sum(s * math.cos(2 * math.pi * hz * i / rate) for i, s in enumerate(samples))
    im = sum(s * math.sin(2 * math.pi * hz * i / rate) for i, s in enumerate(samples))
    return 2 * (re * re + im * im) / (len(samples) * energy)


async def call(uri: str, rate: int, seconds: float, token: str, hz: int) -> dict[str, object]:
    protocols = ["pipecat.audio.v1"]
    if token:
        protocols.append("bearer." + base64.urlsafe_b64encode(token.encode()).decode().rstrip("="))
    frame = rate * FRAME_MS // 1000
    frames: list[bytes] = []
    said: list[dict[str, str]] = []
    came: list[float] = []

    async with connect(f"{uri}?rate={rate}", subprotocols=protocols) as leg:

        async def listen() -> None:
            try:
                async for message in leg:
                    if isinstance(message, bytes):
                        came.append(time.monotonic())
                        frames.append(message)
                    else:
                        said.append(json.loads(message))
            except ConnectionClosed:
                pass

        listening = asyncio.create_task(listen())
        await asyncio.sleep(SILENCE_SECONDS)
        begun = time.monotonic()
        for burst in range(int(seconds * 1000 / FRAME_MS / BURST_FRAMES)):
            await asyncio.sleep(begun + (burst + 1) * BURST_FRAMES * FRAME_MS / 1000 - time.monotonic())
            for i in range(BURST_FRAMES):
                await leg.send(tone(rate, hz, (burst * BURST_FRAMES + i) * frame, frame))
        # The frame that came least late tells when the first one left: that one may have waited for us.
        first_left = min(at - i * FRAME_MS / 1000 for i, at in enumerate(came))
        heard_frames, took = len(frames), time.monotonic() - first_left
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
        "tone": share_of_tone(samples[first : first + rate // 2], rate, hz),
        "silent_seconds": begun - first_left,
        "said": said,
        "close_code": code,
    }


if __name__ == "__main__":
    tone_hz = int(sys.argv[5]) if len(sys.argv) > 5 else TONE_HZ
    told = asyncio.run(call(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], tone_hz))
    sys.stdout.write(json.dumps(told) + "\n")
