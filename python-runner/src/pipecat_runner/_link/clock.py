"""Word times on the clock of the audio itself."""

from __future__ import annotations

from pipecat.clocks.base_clock import BaseClock
from pipecat.frames.frames import AggregatedTextFrame, Frame, TTSAudioRawFrame, TTSStartedFrame, TTSTextFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.tts_service import TTSService

#: Key in ``TTSStartedFrame.metadata``: the audio clock in nanoseconds at which the context's audio begins.
AUDIO_CLOCK = "audio_clock_ns"
#: Key in ``TTSStoppedFrame.metadata``: the voice failed, and what it had announced is not said by it.
VOICE_LOST = "voice_lost"
#: Key in ``TTSStartedFrame.metadata``: the context's texts come beside its audio, not before or behind it.
TEXT_BESIDE = "text_beside_audio"
#: Key in ``TTSTextFrame.metadata``: the sentence's announcement, to be pushed when the caller hears of it.
ANNOUNCED = "announced"

_NANOS = 1_000_000_000


class AudioClock(BaseClock):
    """Counts the audio a service has made, as nanoseconds.

    It begins at one second: pipecat takes a time of 0 for no time at all.
    """

    def __init__(self) -> None:
        """Begin."""
        self._nanos = _NANOS

    def get_time(self) -> int:
        """Nanoseconds of audio so far."""
        return self._nanos

    def start(self) -> None:
        """Nothing: the audio is the clock."""

    def add(self, frame: TTSAudioRawFrame) -> None:
        """Move on by a frame's length."""
        self._nanos += len(frame.audio) // 2 * _NANOS // frame.sample_rate


class StreamClock(TTSService):
    """Goes in front of a TTS service class: ``class Voice(StreamClock, SomeTTSService)``.

    pipecat gives words a time on the wall clock, counted from when their audio was made. That drifts from what is
    heard with every hold and underrun. Here words get their place in the audio the service made, and
    ``TTSStartedFrame`` carries the place of its context, so that the output can turn both into stream positions.
    """

    _audio_clock: AudioClock | None = None
    _timing_words = False

    @property
    def audio_clock(self) -> AudioClock:
        """The clock of this service's audio."""
        if self._audio_clock is None:
            self._audio_clock = AudioClock()
        return self._audio_clock

    def get_clock(self) -> BaseClock:
        """The audio's clock while word times are being set up, the pipeline's otherwise."""
        return self.audio_clock if self._timing_words else super().get_clock()

    async def start_word_timestamps(self) -> None:
        """Count the context's words from where its audio begins."""
        self._timing_words = True
        try:
            await super().start_word_timestamps()
        finally:
            self._timing_words = False

    async def push_frame(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        """Mark where contexts and announcements lie in the audio, and count the audio."""
        if isinstance(frame, TTSStartedFrame):
            frame.metadata[AUDIO_CLOCK] = self.audio_clock.get_time()
        elif (
            isinstance(frame, AggregatedTextFrame)
            and not isinstance(frame, TTSTextFrame)
            and frame.will_be_spoken
            and frame.pts is None
            and not self._push_text_frames
        ):
            frame.pts = self.audio_clock.get_time()
        await super().push_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.audio_clock.add(frame)
