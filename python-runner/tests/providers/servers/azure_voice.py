"""Azure Speech, as its SDK speaks: messages with headers over a WebSocket.

The frame of a message (headers, an empty line, a body; binary ones with the length of the headers in two bytes before
them) is in Microsoft's "Speech WebSocket protocol" (MicrosoftDocs/azure-docs, cognitive-services/Speech/
API-Reference-REST/websocketprotocol.md), the paths of synthesis and SSML in
https://learn.microsoft.com/azure/ai-services/speech-service/. ``speech.config``, ``synthesis.context`` and ``ssml`` go
to it; ``turn.start``, ``response``, ``audio.metadata`` (word boundaries in units of 100 ns), ``audio`` and ``turn.end``
come back.
"""

from __future__ import annotations

import asyncio
import json
import re
from html import unescape
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.providers.servers.speaking import Asked, SocketVoiceServer

_TAG = re.compile(r"<[^>]+>")
_RATES = {"8khz": 8000, "16khz": 16000, "22050hz": 22050, "24khz": 24000}


class AzureVoiceServer(SocketVoiceServer):
    """Speaks with word boundaries."""

    def key(self, request: Request) -> str | None:
        return request.headers.get("Ocp-Apim-Subscription-Key")

    async def converse(self, socket: ServerConnection, request: Request) -> None:
        rate = 16_000
        async for message in socket:
            assert isinstance(message, str)
            head, _, body = message.partition("\r\n\r\n")
            headers = dict(line.split(":", 1) for line in head.split("\r\n"))
            path = headers["Path"].strip()
            if path == "synthesis.context":
                form = json.loads(body)["synthesis"]["audio"]["outputFormat"]
                rate = next(rate for name, rate in _RATES.items() if f"raw-{name}" in form)
            elif path == "ssml":
                voice = re.search(r"<voice name='([^']+)'", body)
                language = re.search(r"xml:lang='([^']+)'", body)
                speed = re.search(r"rate='([^']+)'", body)
                assert voice is not None
                assert language is not None
                text = unescape(_TAG.sub("", body)).strip()
                about = {"language": language[1], "rate": rate, "speed": speed[1] if speed else None}
                self.note(Asked(text, voice[1], about))
                if not await self._speak(socket, headers["X-RequestId"].strip(), text, rate):
                    return

    async def _speak(self, socket: ServerConnection, request: str, text: str, rate: int) -> bool:
        deed = self.next_deed()
        if deed == "stall":
            return True
        if deed == "limit":
            await socket.close(4429, "Too many requests")
            return False
        if deed == "garbage":
            await socket.send("this is no message")
            await socket.send(b"\xff\xff\xff\xff")
            return True
        await _send(socket, request, "turn.start", {"context": {"serviceTag": "t"}})
        await _send(socket, request, "response", {"context": {}, "audio": {"type": "inline", "streamId": "S"}})
        words = list(self.words(text, rate)) if deed != "silent" else []
        for index, (word, at, sound) in enumerate(words):
            if deed == "drop" and index >= len(words) / 2:
                socket.transport.abort()
                return False
            boundary = {
                "Offset": round(at * 1e7),
                "Duration": round(len(sound) / 2 / rate * 1e7),
                "text": {"Text": word, "Length": len(word), "BoundaryType": "WordBoundary"},
            }
            await _send(socket, request, "audio.metadata", {"Metadata": [{"Type": "WordBoundary", "Data": boundary}]})
            head = f"X-RequestId:{request}\r\nX-StreamId:S\r\nPath:audio\r\n".encode()
            await socket.send(len(head).to_bytes(2, "big") + head + sound)
        await _send(socket, request, "turn.end", {})
        await asyncio.sleep(0)
        return True


async def _send(socket: ServerConnection, request: str, path: str, content: dict[str, Any]) -> None:
    head = f"X-RequestId:{request}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    await socket.send(head + json.dumps(content))
