"""ElevenLabs' realtime speech to text endpoint with manual commits.

Messages as in https://elevenlabs.io/docs/api-reference/speech-to-text/v-1-speech-to-text-realtime and
https://github.com/elevenlabs/skills (speech-to-text/references/realtime-events.md): session_started,
input_audio_chunk, partial_transcript, committed_transcript, auth_error, rate_limited. A client is let in before it is
refused.
"""

from __future__ import annotations

import base64
import json

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.deepgram import query
from tests.providers.servers.hearing import KEY, Hearing, RecogniserServer, fails_now


class ElevenLabsEarsServer(RecogniserServer):
    """One session a connection."""

    def key_of(self, request: Request) -> str:
        del request
        return KEY

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        del connection, scenario
        return None

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        assert socket.request is not None
        asked = query(socket.request)
        rate = int(asked["audio_format"].removeprefix("pcm_"))
        assert asked["commit_strategy"] == "manual"
        if socket.request.headers.get("xi-api-key") != KEY or scenario == "bad key":
            await self._refuse(socket, "auth_error", "You must be authenticated to use this endpoint.")
        elif scenario == "limit":
            await self._refuse(socket, "rate_limited", "Too many requests.")
        else:
            config = {"sample_rate": rate, "audio_format": asked["audio_format"], "model_id": asked["model_id"]}
            await socket.send(json.dumps({"message_type": "session_started", "session_id": "s", "config": config}))
            await self._listen(socket, Hearing(rate), scenario)

    async def _refuse(self, socket: ServerConnection, kind: str, reason: str) -> None:
        await socket.send(json.dumps({"message_type": kind, "error": reason}))
        await socket.close(1008, reason)

    async def _listen(self, socket: ServerConnection, hearing: Hearing, scenario: str) -> None:
        async for message in socket:
            chunk = json.loads(message)
            assert chunk["message_type"] == "input_audio_chunk"
            assert chunk["sample_rate"] == hearing.rate
            self.note_audio(hearing, base64.b64decode(chunk["audio_base_64"]))
            await fails_now(socket, hearing, scenario)
            if chunk["commit"] and scenario == "turn":
                text = hearing.text()
                await socket.send(json.dumps({"message_type": "partial_transcript", "text": text}))
                await socket.send(json.dumps({"message_type": "committed_transcript", "text": text}))
