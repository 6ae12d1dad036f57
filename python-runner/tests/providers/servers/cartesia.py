"""Cartesia's voice: https://docs.cartesia.ai/api-reference/tts/websocket (version 2026-03-01).

JSON both ways. A context is one answer; its texts come one by one with ``continue``, an empty one without ``continue``
ends it. Answers: ``timestamps``, ``chunk`` with base64 sound, ``flush_done`` after each text, ``done``, ``error``.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.providers.servers.speaking import Asked, SocketVoiceServer


class CartesiaServer(SocketVoiceServer):
    """Speaks with word times."""

    def key(self, request: Request) -> str | None:
        assert request.path.startswith("/tts/websocket")
        assert "Cartesia-Version" in request.headers
        return request.headers.get("X-API-Key")

    async def converse(self, socket: ServerConnection, request: Request) -> None:
        said: dict[str, float] = {}
        async for message in socket:
            content = json.loads(message)
            context = content["context_id"]
            if content.get("cancel"):
                continue
            text = content["transcript"].strip()
            form = content["output_format"]
            assert form["container"] == "raw"
            assert form["encoding"] == "pcm_s16le"
            assert content["voice"]["mode"] == "id"
            if text:
                about = {name: content.get(name) for name in ("language", "model_id", "generation_config")}
                self.note(Asked(text, content["voice"]["id"], {**about, "rate": form["sample_rate"]}))
                if not await self._speak(socket, context, text, form["sample_rate"], said):
                    return
            elif not content["continue"] and self.does not in ("stall",):
                await _send(socket, context, type="done", done=True, status_code=206)

    async def _speak(
        self, socket: ServerConnection, context: str, text: str, rate: int, said: dict[str, float]
    ) -> bool:
        deed = self.next_deed()
        if deed == "limit":
            await _send(
                socket,
                context,
                type="error",
                done=True,
                status_code=429,
                title="Too many requests",
                message="concurrency limit reached",
                error_code="concurrency_limited",
            )
            return True
        if deed == "garbage":
            await socket.send('{"type": "chunk", "data": ')
            return True
        if deed in ("stall", "silent"):
            return True
        words = list(self.words(text, rate))
        base = said.get(context, 0.0)
        for index, (word, at, sound) in enumerate(words):
            if deed == "drop" and index >= len(words) / 2:
                socket.transport.abort()
                return False
            times = {"words": [word], "start": [base + at], "end": [base + at + len(sound) / 2 / rate]}
            await _send(socket, context, type="timestamps", done=False, status_code=206, word_timestamps=times)
            data = base64.b64encode(sound).decode()
            await _send(socket, context, type="chunk", done=False, status_code=206, step_time=10, data=data)
        said[context] = base + sum(len(sound) for _, _, sound in words) / 2 / rate
        await _send(socket, context, type="flush_done", done=False, flush_done=True, flush_id=1, status_code=206)
        return True


async def _send(socket: ServerConnection, context: str, **content: Any) -> None:
    await socket.send(json.dumps({**content, "context_id": context}))
