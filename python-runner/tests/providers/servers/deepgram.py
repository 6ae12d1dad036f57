"""Deepgram's listen endpoints: v1 (nova) and v2 (flux).

Messages as in https://developers.deepgram.com/reference/speech-to-text/listen-streaming (Results, Metadata, Finalize,
KeepAlive, CloseStream), https://developers.deepgram.com/docs/finalize (from_finalize),
https://developers.deepgram.com/docs/errors (401 and 429 at the upgrade, dg-error) and, for flux,
https://developers.deepgram.com/docs/flux/quickstart and /docs/flux/state (Connected, TurnInfo).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.providers.servers.hearing import Hearing, RecogniserServer, fails_now


def query(request: Request) -> dict[str, str]:
    """The parameters of a request, the last of each name."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}


class DeepgramServer(RecogniserServer):
    """Both of them, by path."""

    def key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Token ")

    def refusal(self, connection: ServerConnection, scenario: str) -> Response | None:
        status, reason = (401, "Invalid credentials.") if scenario == "bad key" else (429, "Too many requests.")
        response = connection.respond(status, json.dumps({"err_code": "REFUSED", "err_msg": reason}))
        response.headers["dg-error"] = reason
        return response

    async def talk(self, socket: ServerConnection, scenario: str) -> None:
        request = socket.request
        assert request is not None
        asked = query(request)
        assert asked["encoding"] == "linear16"
        hearing = Hearing(int(asked["sample_rate"]))
        if urlsplit(request.path).path == "/v2/listen":
            await self._flux(socket, hearing, scenario)
        else:
            await self._nova(socket, hearing, scenario)

    async def _nova(self, socket: ServerConnection, hearing: Hearing, scenario: str) -> None:
        interim = False
        async for message in socket:
            if isinstance(message, bytes):
                self.note_audio(hearing, message)
                if await fails_now(socket, hearing, scenario):
                    continue
                if hearing.voiced_ms >= 400 and not interim:
                    interim = True
                    await socket.send(_results("What is", is_final=False))
            elif (kind := json.loads(message)["type"]) == "Finalize" and scenario == "turn":
                interim = False
                await socket.send(_results(hearing.text(), is_final=True, from_finalize=True))
            elif kind == "CloseStream":
                await socket.send(json.dumps({"type": "Metadata", "request_id": "r", "duration": 1.0, "channels": 1}))
                return

    async def _flux(self, socket: ServerConnection, hearing: Hearing, scenario: str) -> None:
        await socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
        turn, started = 0, False
        async for message in socket:
            if not isinstance(message, bytes):
                if json.loads(message)["type"] == "CloseStream":
                    return
                continue
            self.note_audio(hearing, message)
            if await fails_now(socket, hearing, scenario):
                continue
            if hearing.voiced_ms >= 200 and not started:
                started = True
                await socket.send(_turn("StartOfTurn", "What", turn))
            elif hearing.is_over:
                await socket.send(_turn("EndOfTurn", hearing.text(), turn))
                turn, started = turn + 1, False


def _results(text: str, *, is_final: bool, **more: Any) -> str:
    words = [{"word": word, "start": 0.1, "end": 0.2, "confidence": 0.9} for word in text.split()]
    return json.dumps(
        {
            "type": "Results",
            "channel_index": [0, 1],
            "duration": 1.0,
            "start": 0.0,
            "is_final": is_final,
            "speech_final": is_final,
            "channel": {"alternatives": [{"transcript": text, "confidence": 0.9, "words": words}]},
            "metadata": {
                "request_id": "r",
                "model_info": {"name": "n", "version": "v", "arch": "nova-3"},
                "model_uuid": "u",
            },
            **more,
        }
    )


def _turn(event: str, text: str, index: int) -> str:
    return json.dumps(
        {
            "type": "TurnInfo",
            "request_id": "r",
            "sequence_id": index + 1,
            "event": event,
            "turn_index": index,
            "audio_window_start": 0.0,
            "audio_window_end": 1.5,
            "transcript": text,
            "words": [{"word": word, "confidence": 0.9} for word in text.split()],
            "end_of_turn_confidence": 0.9,
        }
    )
