"""Providers with the delays of real ones: Deepgram's ears, Cartesia's voice, an OpenAI-compatible model.

Speech to text answers 300 ms after it is asked for the rest; the model's first token comes after 350 ms and the next
every 30 ms; the voice's first sound comes after 150 ms and then five times as fast as it is spoken. All in one process:
prints one JSON line with its port, ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import struct
import sys
import time
from typing import Any

from aiohttp import WSMsgType, web

STT_SECS = 0.3
FIRST_TOKEN_SECS, TOKEN_SECS = 0.35, 0.03
FIRST_SOUND_SECS, VOICE_SPEED = 0.15, 5
CHAR_SECS, CHUNK_SECS = 0.06, 0.2
ANSWER = "Tomorrow will be mild and dry. In the evening some rain is coming in from the west."
HEARD = "What will the weather be like tomorrow?"


async def listen(request: web.Request) -> web.WebSocketResponse:
    """Deepgram's nova: a final result for each Finalize."""
    socket = web.WebSocketResponse(max_msg_size=0, compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        kind = json.loads(message.data)["type"]
        if kind == "Finalize":
            await asyncio.sleep(STT_SECS)
            await socket.send_str(_result())
        elif kind == "CloseStream":
            break
    return socket


def _result() -> str:
    alternative = {"transcript": HEARD, "confidence": 0.9, "words": []}
    info = {"name": "n", "version": "v", "arch": "nova-3"}
    return json.dumps(
        {
            "type": "Results",
            "channel_index": [0, 1],
            "duration": 1.0,
            "start": 0.0,
            "is_final": True,
            "speech_final": True,
            "from_finalize": True,
            "channel": {"alternatives": [alternative]},
            "metadata": {"request_id": "r", "model_info": info, "model_uuid": "u"},
        }
    )


async def complete(request: web.Request) -> web.StreamResponse:
    """The answer, token by token."""
    await request.read()
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    await asyncio.sleep(FIRST_TOKEN_SECS)
    due = time.monotonic()
    for word in ANSWER.split():
        await response.write(_event({"role": "assistant", "content": word + " "}, None))
        due += TOKEN_SECS
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await response.write(_event({}, "stop") + b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _event(delta: dict[str, Any], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


async def speak(request: web.Request) -> web.WebSocketResponse:
    """Cartesia: texts of contexts, one after the other."""
    socket = web.WebSocketResponse(max_msg_size=0, compress=False)
    await socket.prepare(request)
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    cancelled: set[str] = set()
    speaking = asyncio.create_task(_speak(socket, asked, cancelled))
    try:
        async for message in socket:
            content = json.loads(message.data)
            if content.get("cancel"):
                cancelled.add(content["context_id"])
            else:
                asked.put_nowait(content)
    finally:
        speaking.cancel()
    return socket


async def _speak(socket: web.WebSocketResponse, asked: asyncio.Queue[dict[str, Any]], cancelled: set[str]) -> None:
    said: dict[str, float] = {}
    while True:
        content = await asked.get()
        context, text = content["context_id"], content["transcript"].strip()

        async def send(context: str = context, **more: Any) -> None:
            await socket.send_str(json.dumps({**more, "context_id": context, "status_code": 206}))

        if text and context not in cancelled:
            if context not in said:
                await asyncio.sleep(FIRST_SOUND_SECS)
            said[context] = await _say(send, text, content["output_format"]["sample_rate"], said.get(context, 0.0))
            await send(type="flush_done", done=False, flush_done=True, flush_id=1)
        elif not content.get("continue"):
            await send(type="done", done=True)
            said.pop(context, None)


async def _say(send: Any, text: str, rate: int, base: float) -> float:
    words = text.split()
    starts = [base + CHAR_SECS * sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
    ends = [start + CHAR_SECS * len(word) for start, word in zip(starts, words, strict=True)]
    await send(type="timestamps", done=False, word_timestamps={"words": words, "start": starts, "end": ends})
    secs = CHAR_SECS * (len(text) + 1)
    for i in range(math.ceil(secs / CHUNK_SECS)):
        length = min(CHUNK_SECS, secs - i * CHUNK_SECS)
        data = base64.b64encode(_tone(rate, length)).decode()
        await send(type="chunk", done=False, step_time=10, data=data)
        await asyncio.sleep(length / VOICE_SPEED)
    return base + secs


_tones: dict[tuple[int, int], bytes] = {}


def _tone(rate: int, secs: float) -> bytes:
    samples = round(rate * secs)
    made = _tones.get((rate, samples))
    if made is None:
        values = (round(6000 * math.sin(2 * math.pi * 300 * i / rate)) for i in range(samples))
        made = _tones[rate, samples] = struct.pack(f"<{samples}h", *values)
    return made


async def main() -> None:
    """Serve until standard input closes."""
    app = web.Application()
    app.add_routes(
        [web.get("/v1/listen", listen), web.post("/v1/chat/completions", complete), web.get("/tts/websocket", speak)]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
