"""Azure's conversation endpoint, as Microsoft's SDK speaks to it.

Messages as in https://learn.microsoft.com/previous-versions/azure/cognitive-services/speech/api-reference-rest/
websocketprotocol (speech.config, audio, turn.start, speech.startDetected, speech.hypothesis, speech.phrase, turn.end;
a text message is headers, an empty line and JSON, a binary one is the length of its headers, headers and audio).
"""

from __future__ import annotations

import json
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.hearing import Hearing, RecogniserServer, fails_now

_TICKS_PER_MS = 10_000


class AzureEarsServer(RecogniserServer):
    """One recognition a connection."""

    subprotocols = ("USP",)

    def key_of(self, request: Request) -> str:
        return request.headers.get("Ocp-Apim-Subscription-Key", "")

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        return connection.respond(401 if scenario == "bad key" else 429, "refused\n")

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        hearing: Hearing | None = None
        request_id = ""
        async for message in socket:
            if isinstance(message, str):
                continue
            size = int.from_bytes(message[:2], "big")
            headers = dict(line.split(":", 1) for line in message[2 : 2 + size].decode().strip().split("\r\n"))
            pcm = message[2 + size :]
            if hearing is None:
                # The first message is the WAV header, without sizes.
                hearing, request_id = Hearing(int.from_bytes(pcm[24:28], "little")), headers["X-RequestId"].strip()
                await _send(socket, request_id, "turn.start", context={"serviceTag": "t"})
                continue
            if not pcm:
                await _send(socket, request_id, "turn.end")
                hearing = None
                continue
            self.note_audio(hearing, pcm)
            if await fails_now(socket, hearing, scenario, garbage="no headers and no JSON"):
                continue
            if hearing.is_over:
                text = hearing.text()
                span = {"Offset": 100 * _TICKS_PER_MS, "Duration": 1500 * _TICKS_PER_MS}
                await _send(socket, request_id, "speech.hypothesis", Text=text.lower(), **span)
                await _send(socket, request_id, "speech.phrase", RecognitionStatus="Success", DisplayText=text, **span)


async def _send(socket: ServerConnection, request_id: str, path: str, **body: Any) -> None:
    head = f"X-RequestId:{request_id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    await socket.send(head + json.dumps(body))
