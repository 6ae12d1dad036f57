"""Deepgram: nova, and flux, which knows when the caller's turn is over. Needs the extra ``deepgram``."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlencode

from deepgram.core.events import EventType
from deepgram.listen.v1.socket_client import AsyncV1SocketClient
from pipecat.frames.frames import Frame, VADUserStoppedSpeakingFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.deepgram.flux.stt import DeepgramFluxSTTService
from pipecat.services.deepgram.flux.stt_base import FluxFatalError
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.utils.errors import ErrorCategory, extract_http_status_code
from pipecat.utils.network import exponential_backoff_time
from websockets import ConnectionClosed
from websockets.asyncio.client import connect

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_steady import (
    BACKOFF_SECS,
    CLOSE_SECS,
    DIAL_SECS,
    HELD_SECS,
    MAX_FAILURES,
    STABLE_SECS,
    SteadySocket,
    category_of,
    read_object,
)

# Statuses that no further attempt changes: the key, the account, the request. 429 is not among them.
_HOPELESS = range(400, 429)


class SteadyDeepgram(DeepgramSTTService):
    """Deepgram's nova models.

    pipecat's class keeps a call from starting until it is connected, waits four seconds before it dials again, and
    loses what the caller says in between.
    """

    _connection: Any

    def __init__(self, *, api_key: str, address: str, **given: Any) -> None:
        """Take what pipecat's class takes, and the address, ``wss://host``."""
        super().__init__(api_key=api_key, **given)
        self._key, self._address = api_key, address
        self._held: deque[bytes] = deque()
        self._commit_due = False
        self._renewing = False
        self.answered_at = 0.0
        """When the provider last said something, on the monotonic clock."""

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Send audio, what was held first."""
        self._held.append(audio)
        while sum(map(len, self._held)) > HELD_SECS * self.sample_rate * 2:
            self._held.popleft()
        while self._held and self._connection is not None:
            async for frame in super().run_stt(self._held.popleft()):
                yield frame

        if self._commit_due and not self._held and self._connection is not None:
            self._commit_due = False
            self.request_finalize()
            await self._connection.send_finalize()

    async def _send_held(self) -> AsyncGenerator[Frame | None, None]:
        while self._held and self._connection is not None:
            async for frame in super().run_stt(self._held.popleft()):
                yield frame

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Send what was held before the end of it; remember that the caller fell silent, if there is nobody to tell."""
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self._commit_due = self._connection is None
            await self.process_generator(self._send_held())
        await super().process_frame(frame, direction)

    async def renew(self) -> None:
        """Leave a connection over which nothing comes for another one."""
        if self._connection is not None:
            self._renewing = True
            await self._connection._websocket.close()

    async def _connection_handler(self) -> None:
        # Whoever sets the call up does not wait for us.
        self._connection_settled.set()
        failures = 0
        while failures < MAX_FAILURES:
            if failures:
                await asyncio.sleep(exponential_backoff_time(failures, *BACKOFF_SECS, multiplier=0.5))
            self._connected_at = time.monotonic() + DIAL_SECS
            try:
                await self._listen()
            except Exception as e:  # noqa: BLE001 - whatever it was, it is reported and followed by another attempt
                if self._renewing:
                    self._renewing = False
                    continue
                stable = time.monotonic() - self._connected_at >= STABLE_SECS
                hopeless = extract_http_status_code(e) in _HOPELESS
                failures = 0 if stable else MAX_FAILURES if hopeless else failures + 1
                await self.push_error(
                    error_msg=f"{self.name}: {type(e).__name__}",
                    exception=e,
                    force_treat_as_permanent=failures >= MAX_FAILURES,
                )

    async def _listen(self) -> None:
        """Hold one connection until it ends, which is always an error here: our own end is a cancellation."""
        self._broken: Exception = ConnectionError("closed by the provider")
        keepalive = None
        try:
            # Not the client's own dialling: cancelled in the middle of it, it leaves a task behind.
            async with connect(
                f"{self._address}/v1/listen?{urlencode(self._build_connect_kwargs(), doseq=True)}",
                additional_headers={"Authorization": f"Token {self._key}"},
                open_timeout=DIAL_SECS,
                close_timeout=CLOSE_SECS,
            ) as websocket:
                old_kind: Any = websocket
                connection = AsyncV1SocketClient(websocket=old_kind)
                self._connected_at = time.monotonic()
                self._connection = connection
                connection.on(EventType.MESSAGE, self._on_message)
                connection.on(EventType.ERROR, self._on_error)
                keepalive = self.create_task(self._keepalive_handler(), "keepalive")
                await connection.start_listening()
        finally:
            self._connection = None
            if keepalive is not None:
                await self.cancel_task(keepalive)
        raise self._broken

    async def _on_message(self, message: Any) -> None:
        await super()._on_message(message)
        self.answered_at = time.monotonic()

    async def _on_error(self, error: Exception) -> None:
        # The client ends with this; what it could not read is the provider's mistake.
        self._broken = error if isinstance(error, ConnectionClosed) else MalformedAnswer(type(error).__name__)
        await self.stop_all_metrics()

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        return super()._classify_error(exception) or category_of(exception)


class SteadyFlux(SteadySocket, DeepgramFluxSTTService):
    """Deepgram's flux models."""

    async def _process_message(self, message: str | bytes) -> None:
        try:
            await self._handle_message(read_object(message))
            self.answered_at = time.monotonic()
        except FluxFatalError as e:
            self._reported = True
            await self.push_error(error_msg=f"{self.name}: {e.code}", exception=e)
            raise
        except (MalformedAnswer, AttributeError, KeyError, TypeError) as e:
            raise await self._malformed(e) from e
