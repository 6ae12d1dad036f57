"""Azure Speech, through Microsoft's SDK, which has threads of its own. Needs the extra ``azure``."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

from azure.cognitiveservices.speech import CancellationErrorCode, CancellationReason, SpeechConfig
from pipecat.frames.frames import Frame
from pipecat.services.azure.stt import AzureSTTService
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.network import exponential_backoff_time

from pipecat_runner._providers.stt_steady import BACKOFF_SECS, HELD_SECS, MAX_FAILURES, STABLE_SECS

_STOP_SECS = 1.0
_KINDS = {
    CancellationErrorCode.AuthenticationFailure: ErrorCategory.AUTHENTICATION,
    CancellationErrorCode.Forbidden: ErrorCategory.QUOTA,
    CancellationErrorCode.BadRequest: ErrorCategory.INVALID_REQUEST,
    CancellationErrorCode.TooManyRequests: ErrorCategory.RATE_LIMIT,
    CancellationErrorCode.ConnectionFailure: ErrorCategory.CONNECTIVITY,
    CancellationErrorCode.ServiceTimeout: ErrorCategory.CONNECTIVITY,
    CancellationErrorCode.ServiceError: ErrorCategory.SERVER,
    CancellationErrorCode.ServiceUnavailable: ErrorCategory.SERVER,
}


class SteadyAzure(AzureSTTService):
    """Recognises until the call ends.

    pipecat's class lets a recogniser that was cancelled lie, and never waits for one to stop.
    """

    _audio_stream: Any
    _speech_recognizer: Any

    def __init__(self, *, api_key: str, base_url: str | None, region: str | None, **given: Any) -> None:
        """Take what pipecat's class takes.

        Args:
            api_key: The resource's key.
            base_url: Another address: ``https://`` of a private endpoint, ``wss://`` or ``ws://`` of a container.
            region: The resource's region; not looked at when there is an address.
            given: The rest.
        """
        super().__init__(
            api_key=api_key, region=None if base_url else region, private_endpoint=base_url or None, **given
        )
        if base_url is not None and base_url.startswith(("ws://", "wss://")):
            language = self._speech_config.speech_recognition_language
            self._speech_config = SpeechConfig(
                subscription=api_key, host=base_url, speech_recognition_language=language
            )
            self._apply_profanity()
            self._apply_segmentation_silence_timeout()
        self._held: deque[bytes] = deque()
        self._failures = 0
        self._since = 0.0
        self._renewing: asyncio.Task[None] | None = None
        self.answered_at = 0.0
        """When the provider last said something, on the monotonic clock."""

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Give audio to the SDK, what was held first."""
        self._held.append(audio)
        while sum(map(len, self._held)) > HELD_SECS * self.sample_rate * 2:
            self._held.popleft()
        while self._held and self._audio_stream is not None:
            async for frame in super().run_stt(self._held.popleft()):
                yield frame

    async def _connect(self) -> None:
        self._since = time.monotonic()
        await super()._connect()

    async def _disconnect(self) -> None:
        if self._renewing is not None and self._renewing is not asyncio.current_task():
            await self.cancel_task(self._renewing)
            self._renewing = None
        recognizer, self._speech_recognizer = self._speech_recognizer, None
        if recognizer is not None:
            for event in (recognizer.recognizing, recognizer.recognized, recognizer.canceled):
                event.disconnect_all()
        await super()._disconnect()
        if recognizer is not None:
            stop = asyncio.to_thread(lambda: recognizer.stop_continuous_recognition_async().get())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop, _STOP_SECS)

    def _on_handle_recognized(self, event: Any) -> None:
        self.answered_at = time.monotonic()
        super()._on_handle_recognized(event)

    def _on_handle_canceled(self, event: Any) -> None:
        # On a thread of the SDK.
        details = event.result.cancellation_details
        if details.reason == CancellationReason.Error:
            category = _KINDS.get(details.code, ErrorCategory.UNKNOWN)
            asyncio.run_coroutine_threadsafe(self._lost(category), self.get_event_loop())

    async def _lost(self, category: ErrorCategory) -> None:
        stable = time.monotonic() - self._since >= STABLE_SECS
        self._failures = 0 if stable else self._failures + 1
        for_good = self._failures >= MAX_FAILURES
        await self.push_error(
            f"{self.name}: recognition was cancelled", category=category, force_treat_as_permanent=for_good
        )
        if self.is_usable:
            await self.renew()

    async def renew(self) -> None:
        """Leave a recogniser from which nothing comes for another one."""
        if self._renewing is None:
            self._renewing = self.create_task(self._renew(), "renew")

    async def _renew(self) -> None:
        if self._failures:
            await asyncio.sleep(exponential_backoff_time(self._failures, *BACKOFF_SECS, multiplier=0.5))
        await self._disconnect()
        await self._connect()
        self._renewing = None
