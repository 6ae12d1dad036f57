"""AssemblyAI's streaming models."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from pipecat.services.assemblyai.models import SpeechStartedMessage, TurnMessage
from pipecat.services.assemblyai.stt import AssemblyAISTTService
from pipecat.utils.errors import ErrorCategory
from websockets import ConnectionClosed

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_steady import SteadySocket

# Error codes of its protocol, which are the close codes as well.
_KINDS = {
    1008: ErrorCategory.AUTHENTICATION,
    3005: ErrorCategory.SERVER,
    3006: ErrorCategory.INVALID_REQUEST,
    3007: ErrorCategory.CONNECTIVITY,
    3008: ErrorCategory.CONNECTIVITY,
    3009: ErrorCategory.RATE_LIMIT,
}
# It takes audio no faster than it is said; this much at once is forgiven.
_HELD_SECS = 1.0
_FAREWELL_SECS = 1.0


class SteadyAssemblyAI(SteadySocket, AssemblyAISTTService):
    """Streaming, with the end of a turn told by us.

    pipecat's class knows no errors but unknown ones, waits five seconds for a farewell when a call ends, and forgets
    its own task when a call ends while it is dialling.
    """

    held_secs = _HELD_SECS
    _receive_task: Any

    async def _commit(self) -> None:
        await self._websocket.send(json.dumps({"type": "ForceEndpoint"}))

    async def _receive_messages(self) -> None:
        await self._read(self._take)

    async def _take(self, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == "Error":
            code = data.get("error_code")
            category = _KINDS.get(code) if isinstance(code, int) else None
            await self._fail(f"the provider reports {code}", category or ErrorCategory.UNKNOWN)
        elif kind == "Turn":
            await self._handle_transcription(TurnMessage.model_validate(data))
        elif kind == "SpeechStarted":
            await self._handle_speech_started(SpeechStartedMessage.model_validate(data))
        elif kind == "Termination":
            self._termination_event.set()
        elif not isinstance(kind, str):
            raise MalformedAnswer("a message without a type")

    async def _disconnect(self) -> None:
        self._disconnecting = True
        if self.is_connected():
            self._termination_event.clear()
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                await self._websocket.send(json.dumps({"type": "Terminate"}))
                await asyncio.wait_for(self._termination_event.wait(), _FAREWELL_SECS)
        # pipecat's farewell comes after this one no more.
        self._connected = False
        await super()._disconnect()
        if self._receive_task is not None:
            await self.cancel_task(self._receive_task)
            self._receive_task = None
        await self._disconnect_websocket()
