"""AssemblyAI's streaming endpoint, version 3.

Messages as in https://www.assemblyai.com/docs/streaming/message-sequence (Begin, Turn, ForceEndpoint, Terminate,
Termination) and https://www.assemblyai.com/docs/streaming/common-session-errors-and-closures (the Error message, and
the close codes 1008 and 3009): it lets a client in before it refuses it.
"""

from __future__ import annotations

import json

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.deepgram import query
from tests.providers.servers.hearing import KEY, Hearing, RecogniserServer, fails_now

_CHUNK_MS = (50, 1000)


class AssemblyAIServer(RecogniserServer):
    """One session a connection."""

    def key_of(self, request: Request) -> str:
        del request
        return KEY

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        del connection, scenario
        return None

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        request = socket.request
        assert request is not None
        if request.headers.get("Authorization") != KEY or scenario == "bad key":
            await self._refuse(socket, 1008, "Unauthorized Connection: Missing Authorization header")
        elif scenario == "limit":
            await self._refuse(socket, 3009, "Unauthorized Connection: Too many concurrent sessions")
        else:
            await self._serve_session(socket, Hearing(int(query(request)["sample_rate"])), scenario)

    async def _refuse(self, socket: ServerConnection, code: int, reason: str) -> None:
        await socket.send(json.dumps({"type": "Error", "error_code": code, "error": reason}))
        await socket.close(code, "See Error message for details")

    async def _serve_session(self, socket: ServerConnection, hearing: Hearing, scenario: str) -> None:
        await socket.send(json.dumps({"type": "Begin", "id": "s", "expires_at": 1_900_000_000}))
        order = 0
        async for message in socket:
            if isinstance(message, bytes):
                assert _CHUNK_MS[0] <= len(message) * 500 / hearing.rate <= _CHUNK_MS[1]
                self.note_audio(hearing, message)
                await fails_now(socket, hearing, scenario)
            elif (kind := json.loads(message)["type"]) == "ForceEndpoint" and scenario == "turn":
                text = hearing.text()
                await socket.send(_turn(text, order, end=False))
                await socket.send(_turn(text, order, end=True))
                order += 1
            elif kind == "Terminate" and scenario != "stall":
                await socket.send(
                    json.dumps({"type": "Termination", "audio_duration_seconds": 3, "session_duration_seconds": 4})
                )
                return


def _turn(text: str, order: int, *, end: bool) -> str:
    words = [{"text": word, "start": 0, "end": 100, "confidence": 0.9, "word_is_final": True} for word in text.split()]
    return json.dumps(
        {
            "type": "Turn",
            "turn_order": order,
            "turn_is_formatted": end,
            "end_of_turn": end,
            "transcript": text,
            "end_of_turn_confidence": 0.9,
            "words": words,
        }
    )
