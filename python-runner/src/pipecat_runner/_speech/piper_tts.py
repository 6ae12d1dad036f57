"""Piper as a pipecat TTS service."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.services.settings import TTSSettings

from pipecat_runner._link.clock import StreamClock
from pipecat_runner._speech.piper_process import PiperError, PiperProcess


class PiperWorkerTTS(StreamClock):
    """Speaks with a voice of the shared Piper worker."""

    def __init__(self, worker: PiperProcess, *, voice: str, rate: int) -> None:
        """Create a service for one call.

        Args:
            worker: The process that does the work.
            voice: Name of the voice.
            rate: Its sample rate in Hz.
        """
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=rate,
            settings=TTSSettings(model=None, voice=voice, language=None),
        )
        self._worker = worker

    def can_generate_metrics(self) -> bool:
        """Yes: time to first byte and characters."""
        return True

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence."""
        await self.start_tts_usage_metrics(text)
        pieces = self._worker.speak(text)
        try:
            async for frame in self._stream_audio_frames_from_iterator(
                pieces, in_sample_rate=self.sample_rate, context_id=context_id
            ):
                await self.stop_ttfb_metrics()
                yield frame
        except PiperError as e:
            yield ErrorFrame(error=str(e))
        finally:
            await pieces.aclose()
            await self.stop_ttfb_metrics()
