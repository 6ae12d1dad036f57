"""OpenAI's Realtime API in a transcription session.

Events as in https://developers.openai.com/api/docs/guides/realtime-transcription and
https://developers.openai.com/api/reference/resources/realtime/server-events (session.created, session.updated,
input_audio_buffer.committed, conversation.item.input_audio_transcription.*, error).
"""

from __future__ import annotations

import base64
import json
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.deepgram import query
from tests.providers.servers.hearing import Hearing, RecogniserServer, fails_now

_RATE = 24_000


class OpenAIEarsServer(RecogniserServer):
    """One session a connection."""

    def key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        code, status = ("invalid_api_key", 401) if scenario == "bad key" else ("rate_limit_exceeded", 429)
        return connection.respond(status, json.dumps({"error": {"message": "refused", "code": code}}))

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        assert socket.request is not None
        assert query(socket.request)["intent"] == "transcription"
        hearing, item = Hearing(_RATE), 0
        await _send(socket, "session.created", session={"type": "transcription", "id": "sess"})
        async for message in socket:
            event = json.loads(message)
            kind = event["type"]
            if kind == "session.update":
                given = event["session"]["audio"]["input"]
                assert given["format"] == {"type": "audio/pcm", "rate": _RATE}
                assert given["turn_detection"] is None
                await _send(socket, "session.updated", session=event["session"])
            elif kind == "input_audio_buffer.append":
                self.note_audio(hearing, base64.b64decode(event["audio"]))
                await fails_now(socket, hearing, scenario)
            elif kind == "input_audio_buffer.commit" and scenario == "turn":
                text, item = hearing.text(), item + 1
                where: dict[str, Any] = {"item_id": f"item_{item}", "content_index": 0}
                transcription = "conversation.item.input_audio_transcription"
                await _send(socket, "input_audio_buffer.committed", **where)
                await _send(socket, f"{transcription}.delta", delta=text[:7], **where)
                await _send(socket, f"{transcription}.completed", transcript=text, **where)


async def _send(socket: ServerConnection, kind: str, **fields: Any) -> None:
    await socket.send(json.dumps({"event_id": "event_1", "type": kind, **fields}))
