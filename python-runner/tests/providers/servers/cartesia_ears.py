"""Cartesia's speech to text endpoint with manual finalisation.

Messages as in https://docs.cartesia.ai/api-reference/stt/websocket (transcript, flush_done, done, error with
status_code; "finalize" and "done" as plain text).
"""

from __future__ import annotations

import json

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.deepgram import query
from tests.providers.servers.hearing import Hearing, RecogniserServer, fails_now


class CartesiaEarsServer(RecogniserServer):
    """One stream a connection."""

    def key_of(self, request: Request) -> str:
        assert request.headers["Cartesia-Version"]
        return request.headers.get("X-API-Key", "")

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        status = 401 if scenario == "bad key" else 429
        return connection.respond(status, json.dumps({"title": "refused", "status_code": status}))

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        assert socket.request is not None
        asked = query(socket.request)
        assert asked["encoding"] == "pcm_s16le"
        hearing = Hearing(int(asked["sample_rate"]))
        async for message in socket:
            if isinstance(message, bytes):
                self.note_audio(hearing, message)
                await fails_now(socket, hearing, scenario)
            elif message == "finalize" and scenario == "turn":
                text = hearing.text()
                for is_final in (False, True):
                    transcript = {"type": "transcript", "is_final": is_final, "text": text, "duration": 1.5}
                    await socket.send(json.dumps({**transcript, "request_id": "r", "language": "en", "words": []}))
                await socket.send(json.dumps({"type": "flush_done", "request_id": "r"}))
            elif message == "done":
                await socket.send(json.dumps({"type": "done", "request_id": "r"}))
                return
