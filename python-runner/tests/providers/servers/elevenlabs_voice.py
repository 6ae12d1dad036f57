"""ElevenLabs' voice: https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-multi-stream-input.

JSON both ways. The first text of a context carries the voice's settings; ``flush`` makes what is there, and
``close_context`` ends it with ``isFinal``. Sound is base64, with the time of each character counted from the message.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.providers.servers.speaking import Asked, SocketVoiceServer


class ElevenLabsVoiceServer(SocketVoiceServer):
    """Speaks with the times of characters."""

    def key(self, request: Request) -> str | None:
        assert urlsplit(request.path).path.endswith("/multi-stream-input")
        return request.headers.get("xi-api-key")

    async def converse(self, socket: ServerConnection, request: Request) -> None:
        address = urlsplit(request.path)
        voice = address.path.split("/")[3]
        asked: dict[str, Any] = dict(parse_qsl(address.query))
        rate = int(asked["output_format"].removeprefix("pcm_"))
        settings: dict[str, Any] = {}
        async for message in socket:
            content = json.loads(message)
            context = content.get("context_id")
            settings = content.get("voice_settings", settings)
            if content.get("close_socket"):
                await socket.close()
            elif content.get("close_context"):
                if self.does != "stall":
                    await socket.send(json.dumps({"isFinal": True, "contextId": context}))
            elif (text := content.get("text", "").strip()) and context:
                self.note(Asked(text, voice, {**asked, **settings}))
                if not await self._speak(socket, context, text, rate):
                    return

    async def _speak(self, socket: ServerConnection, context: str, text: str, rate: int) -> bool:
        deed = self.next_deed()
        if deed == "limit":
            error = {"message": "Too many concurrent requests.", "error": "too_many_concurrent_requests", "code": 1008}
            await socket.send(json.dumps(error))
            await socket.close(1008, "too_many_concurrent_requests")
            return False
        if deed == "garbage":
            await socket.send('{"audio": "UklGR')
            return True
        if deed in ("stall", "silent"):
            return True
        words = list(self.words(text, rate))
        for index, (word, _, sound) in enumerate(words):
            if deed == "drop" and index >= len(words) / 2:
                socket.transport.abort()
                return False
            characters = list(f"{word} ")
            each = len(sound) * 500 / rate / len(characters)
            alignment = {
                "chars": characters,
                "charStartTimesMs": [round(i * each) for i in range(len(characters))],
                "charDurationsMs": [round(each)] * len(characters),
            }
            part = {"audio": base64.b64encode(sound).decode(), "alignment": alignment, "contextId": context}
            await socket.send(json.dumps({**part, "normalizedAlignment": alignment, "isFinal": None}))
        return True
