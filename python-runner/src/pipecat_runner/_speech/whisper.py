"""Whisper on this machine: one model for all calls, run outside the event loop."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import soxr
from pipecat.frames.frames import ErrorFrame, Frame, InputAudioRawFrame, TranscriptionFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.transcriptions.language import Language
from pipecat.utils.time import time_now_iso8601

if TYPE_CHECKING:
    from pipecat_runner._speech.short_whisper import ShortWhisperModel

WHISPER_RATE = 16_000

# Whisper hears at most 30 s at a time; a caller who talks longer is heard in parts of this length.
_MAX_SEGMENT_SECS = 30
# From the end of speech to the transcript, 99th percentile on a loaded machine: turn strategies wait this long.
_TRANSCRIPT_P99_SECS = 1.5
# Segments Whisper itself takes for noise.
_NO_SPEECH = 0.6


class Whisper:
    """A loaded model. ``transcribe`` may be called from any number of calls at once."""

    def __init__(self, path: Path, *, processes: int = 1) -> None:
        """Name a model; it is loaded at first use.

        Args:
            path: Its folder, in CTranslate2 format.
            processes: How many like this one share the machine.
        """
        self._path = path
        self._model: ShortWhisperModel | None = None
        self._lock = threading.Lock()
        self._workers = max(1, (os.cpu_count() or 2) // 2 // processes)
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="whisper")

    def load(self) -> None:
        """Load the model if it is not. Blocks for up to some seconds."""
        with self._lock:
            if self._model is None:
                from pipecat_runner._speech.short_whisper import ShortWhisperModel

                self._model = ShortWhisperModel(
                    str(self._path),
                    device="cpu",
                    compute_type="int8",
                    cpu_threads=1,
                    num_workers=self._workers,
                    local_files_only=True,
                )

    def warm_up(self) -> None:
        """Load, and run once: the first inference takes seconds, the next ones tenths."""
        self.load()
        self._transcribe(np.zeros(WHISPER_RATE, dtype=np.float32), None)

    async def transcribe(self, pcm: bytes, rate: int, language: str | None) -> str:
        """Recognise 16-bit mono PCM."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._recognise, pcm, rate, language)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _recognise(self, pcm: bytes, rate: int, language: str | None) -> str:
        self.load()
        audio = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
        if rate != WHISPER_RATE:
            audio = np.asarray(soxr.resample(audio, rate, WHISPER_RATE), dtype=np.float32)
        return self._transcribe(audio, language)

    def _transcribe(self, audio: npt.NDArray[np.float32], language: str | None) -> str:
        if self._model is None:
            raise RuntimeError("Whisper: transcribe before load")
        segments, _ = self._model.transcribe(
            audio, language=language, beam_size=1, condition_on_previous_text=False, without_timestamps=True
        )
        return " ".join(s.text.strip() for s in segments if s.no_speech_prob < _NO_SPEECH).strip()


class WhisperSTT(SegmentedSTTService):
    """Transcribes what the voice activity detector cuts out."""

    def __init__(self, whisper: Whisper, *, language: str | None) -> None:
        """Create a service for one call on a shared model."""
        super().__init__(
            ttfs_p99_latency=_TRANSCRIPT_P99_SECS,
            settings=STTSettings(model="whisper", language=Language(language) if language else None),
        )
        self._whisper = whisper
        self._language = language
        self.answered_at = 0.0
        """When the model last answered, on the monotonic clock."""

    @property
    def wants_wav_segments(self) -> bool:
        """No: the model reads samples."""
        return False

    def can_generate_metrics(self) -> bool:
        """Yes: processing time."""
        return True

    async def process_audio_frame(self, frame: InputAudioRawFrame, direction: FrameDirection) -> None:
        """Collect audio, but not without end."""
        await super().process_audio_frame(frame, direction)
        limit = _MAX_SEGMENT_SECS * self.sample_rate * 2
        if len(self._audio_buffer) > limit:
            await self._segment_queue.put(bytes(self._audio_buffer))
            self._audio_buffer.clear()

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Recognise one segment."""
        await self.start_processing_metrics()
        try:
            text = await self._whisper.transcribe(audio, self.sample_rate, self._language)
            self.answered_at = time.monotonic()
        except Exception as e:  # noqa: BLE001 - the call goes on without this segment
            yield ErrorFrame(error=f"Whisper failed: {type(e).__name__}", exception=e)
            return
        finally:
            await self.stop_processing_metrics()
        if text:
            language = Language(self._language) if self._language else None
            yield TranscriptionFrame(text, self._user_id, time_now_iso8601(), language)
