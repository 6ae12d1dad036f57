"""Cartesia's Ink models."""

from __future__ import annotations

from typing import Any

from pipecat.services.cartesia.stt import CartesiaSTTService

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_steady import SteadySocket, category_of_status

_TYPES = frozenset({"transcript", "flush_done", "done", "error"})


class SteadyCartesia(SteadySocket, CartesiaSTTService):
    """Manual finalisation: the transcript is asked for when the caller falls silent."""

    async def _commit(self) -> None:
        await self._websocket.send("finalize")

    async def _receive_messages(self) -> None:
        await self._read(self._take)

    async def _take(self, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == "error":
            await self._fail("the provider reports an error", category_of_status(data.get("status_code")))
        elif kind == "transcript":
            if not isinstance(data.get("text"), str):
                raise MalformedAnswer("a transcript without text")
            await self._on_transcript(data)
        elif kind not in _TYPES:
            raise MalformedAnswer("a message of no known type")
