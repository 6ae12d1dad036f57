"""Deepgram's voice: https://developers.deepgram.com/docs/tts-websocket and the pages on Flush, Clear and Close.

JSON to it (``Speak``, ``Flush``, ``Clear``, ``Close``), sound from it as binary messages, and JSON in between:
``Metadata`` at first, ``Flushed`` behind the sound of what was flushed, ``Cleared``, ``Warning``, ``Error``.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.speaking import Asked, SocketVoiceServer


class DeepgramVoiceServer(SocketVoiceServer):
    """Speaks what was given when it is flushed."""

    def key(self, request: Request) -> str | None:
        assert urlsplit(request.path).path == "/v1/speak"
        return request.headers.get("Authorization", "").removeprefix("Token ")

    def refuse(self, connection: ServerConnection, status: int) -> Response:
        answer = super().refuse(connection, status)
        answer.headers["dg-error"] = "Invalid credentials."
        return answer

    async def converse(self, socket: ServerConnection, request: Request) -> None:
        asked = dict(parse_qsl(urlsplit(request.path).query))
        assert asked.pop("encoding") == "linear16"
        rate = int(asked["sample_rate"])
        await socket.send(json.dumps({"type": "Metadata", "request_id": "r", "model_name": asked["model"]}))
        waiting: list[str] = []
        speaking: asyncio.Task[None] | None = None
        late = b""
        async for message in socket:
            content = json.loads(message)
            kind = content["type"]
            if kind == "Speak":
                if late:
                    await socket.send(late)
                    await socket.send(json.dumps({"type": "Cleared", "sequence_id": 0}))
                    late = b""
                text = content["text"].strip()
                self.note(Asked(text, asked["model"], asked))
                waiting.append(text)
            elif kind == "Flush":
                texts, waiting = waiting, []
                if speaking is not None:
                    await speaking
                speaking = asyncio.create_task(self._speak(socket, texts, rate))
            elif kind == "Clear":
                if speaking is not None and not speaking.done():
                    speaking.cancel()
                    speaking = None
                    # Sound that is on its way, and arrives when the next answer has begun.
                    late = self.sound(self.script[0], rate)
                else:
                    await socket.send(json.dumps({"type": "Cleared", "sequence_id": 0}))
                waiting = []
            elif kind == "Close":
                await socket.close()

    async def _speak(self, socket: ServerConnection, texts: list[str], rate: int) -> None:
        deed = self.next_deed()
        if deed == "garbage":
            await socket.send("{Flushed")
        elif deed == "limit":
            error = {"type": "Error", "err_code": "TOO_MANY_REQUESTS", "description": "Too many requests."}
            await socket.send(json.dumps(error))
        elif deed != "stall":
            sound = b"".join(self.sound(text, rate) for text in texts) if deed != "silent" else b""
            if deed == "drop":
                sound = sound[: len(sound) // 4 * 2]
            for start in range(0, len(sound), rate // 5):
                await socket.send(sound[start : start + rate // 5])
                await asyncio.sleep(0.1 / self.pace if self.pace else 0)
            if deed == "drop":
                socket.transport.abort()
            else:
                await socket.send(json.dumps({"type": "Flushed", "sequence_id": 0}))
