"""Piper as a pipecat TTS service."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from pipecat.frames.frames import Frame
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._speech.piper_process import PiperError, PiperProcess


class _Piper(TTSService):
    def __init__(self, worker: PiperProcess, *, voice: str, rate: int, **kwargs: Any) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=rate,
            settings=TTSSettings(model=None, voice=voice, language=None),
            **kwargs,
        )
        self._worker = worker

    def can_generate_metrics(self) -> bool:
        """Yes: time to first byte and characters."""
        return True

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence.

        Raises:
            PiperError: The worker cannot, or died.
        """
        await self.start_tts_usage_metrics(text)
        pieces = self._worker.speak(text)
        try:
            async for frame in self._stream_audio_frames_from_iterator(
                pieces, in_sample_rate=self.sample_rate, context_id=context_id
            ):
                await self.stop_ttfb_metrics()
                yield frame
        finally:
            await pieces.aclose()
            await self.stop_ttfb_metrics()


class PiperWorkerTTS(Speaker, _Piper):
    """Speaks with a voice of the shared Piper worker."""

    speaks_inline = True

    def __init__(self, worker: PiperProcess, *, voice: str, rate: int, stall_secs: float) -> None:
        """Create a service for one call.

        Args:
            worker: The process that does the work.
            voice: Name of the voice.
            rate: Its sample rate in Hz.
            stall_secs: Without sound for this long a sentence counts as failed.
        """
        super().__init__(worker=worker, voice=voice, rate=rate, stall_secs=stall_secs)

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        return ErrorCategory.SERVER if isinstance(exception, PiperError) else super()._classify_error(exception)
