"""A light stand-in for python-runner that carries many calls on one core: it plays a tone and runs no pipeline.

Speaks the runner's side of the wire (POST /run, /stop, GET /health; one WebSocket per call with protobuf frames) and
keeps to the grant of the playout reports, so that daemon, legs and clock are measured without pipecat's cost. The
five audio messages that make up a 440 Hz tone at 16 kHz are made once: 20 ms hold 8.8 periods, so the fifth chunk
closes the circle.

Prints one JSON line with its port, ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
import sys
from typing import Any

import websockets

RATE_HZ = 16_000
TONE_HZ = 440
CHUNK_MS = 20
CHUNKS_PER_CIRCLE = 5
CLIENT_MESSAGE = 0x22  # Frame.message, length-delimited


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _audio_message(first_sample: int) -> bytes:
    n = RATE_HZ * CHUNK_MS // 1000
    pcm = struct.pack(
        f"<{n}h",
        *(round(8230 * math.sin(2 * math.pi * TONE_HZ * (first_sample + i) / RATE_HZ)) for i in range(n)),
    )
    audio = b"\x1a" + _varint(len(pcm)) + pcm + b"\x20" + _varint(RATE_HZ) + b"\x28\x01"
    return b"\x12" + _varint(len(audio)) + audio


CIRCLE = [_audio_message(k * RATE_HZ * CHUNK_MS // 1000) for k in range(CHUNKS_PER_CIRCLE)]


def _message_text(frame: bytes) -> dict[str, Any]:
    _, at = _read_varint(frame, 1)
    length, at = _read_varint(frame, at + 1)
    message: dict[str, Any] = json.loads(frame[at : at + length])
    return message


class Calls:
    """The calls that play, by id."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, body: dict[str, Any]) -> None:
        """Connects to the daemon and plays until it closes."""
        link = body["link"]
        socket = await websockets.connect(
            link["ws_url"],
            additional_headers={"Authorization": f"Bearer {link['token']}"},
            compression=None,
            ping_interval=None,
        )
        task = asyncio.create_task(self._play(socket, body["audio"]["window_ms"]))
        self._tasks[body["id"]] = task
        task.add_done_callback(lambda _: self._tasks.pop(body["id"], None))

    async def _play(self, socket: Any, window_ms: int) -> None:
        sent = 0
        limit = window_ms // CHUNK_MS
        try:
            while True:
                while sent < limit:
                    await socket.send(CIRCLE[sent % CHUNKS_PER_CIRCLE])
                    sent += 1
                frame = await socket.recv()
                if frame[0] == CLIENT_MESSAGE:
                    data = _message_text(frame).get("data", {})
                    if data.get("t") == "playout":
                        limit = data["d"]["limit_ms"] // CHUNK_MS
        except websockets.ConnectionClosed:
            return
        finally:
            await socket.close()

    def stop(self, call_id: str) -> bool:
        """Ends one call; false where there is none."""
        task = self._tasks.pop(call_id, None)
        return task is not None and task.cancel()

    def __len__(self) -> int:
        return len(self._tasks)


async def _serve(calls: Calls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            method, path, _ = lines[0].split(" ", 2)
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, answer = await _answer(calls, method, path, body)
            data = json.dumps(answer).encode()
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
                + data
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client closed
    finally:
        writer.close()


async def _answer(calls: Calls, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    if method == "GET" and path == "/health":
        return 200, {"status": "ok", "sessions": len(calls)}
    if method == "POST" and path == "/run":
        try:
            await calls.run(json.loads(body))
        except (OSError, websockets.WebSocketException) as error:
            return 502, {"detail": f"the daemon cannot be reached: {error}"}
        return 200, {"status": "ok", "message": "plays"}
    if method == "POST" and path.startswith("/stop?id="):
        known = calls.stop(path.removeprefix("/stop?id=").partition("&")[0])
        return (200, {"status": "stopped"}) if known else (404, {"detail": "no such call"})
    return 404, {"detail": "no such route"}


async def _until_stdin_closes() -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def main() -> None:
    """Serves until standard input closes."""
    calls = Calls()
    server = await asyncio.start_server(lambda r, w: _serve(calls, r, w), "127.0.0.1", 0, backlog=512)
    print(json.dumps({"event": "listening", "port": server.sockets[0].getsockname()[1]}), flush=True)
    await _until_stdin_closes()


if __name__ == "__main__":
    asyncio.run(main())
