"""Returns the caller's audio, sample for sample."""

from __future__ import annotations

from loguru import logger
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from pipecat_runner._bots.base import Bot
from pipecat_runner._link.ledger import PlayoutLedger
from pipecat_runner._link.link import Link

# While the daemon does not play, the caller goes on talking; what would come back later than this is dropped.
_MAX_BACKLOG_SECS = 1.0


class EchoBot(Bot):
    """No voice activity detection, no resampling: the wire carries the same bytes both ways."""

    def __init__(self, rate: int) -> None:
        """Create an echo.

        Args:
            rate: Rate of the caller's audio in Hz, which is also the bot's.
        """
        self.out_rate = rate

    def processors(self, link: Link) -> list[FrameProcessor]:
        """The caller's audio turned round."""
        return [link.input, EchoProcessor(link.output.ledger), link.output, link.barrier]


class EchoProcessor(FrameProcessor):
    """Turns input audio into output audio."""

    def __init__(self, ledger: PlayoutLedger) -> None:
        """Create the processor; ``ledger`` tells how much of the echo was sent."""
        super().__init__()
        self._ledger = ledger
        self._pushed = 0
        self._epoch = 0
        self._dropped = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Echo audio, pass everything else."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            await self._echo(frame)
        else:
            await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Tell what was lost."""
        await super().cleanup()
        if self._dropped:
            logger.warning("echo: {} frames dropped because the daemon did not play", self._dropped)

    async def _echo(self, frame: InputAudioRawFrame) -> None:
        if self._epoch != self._ledger.epoch:
            self._epoch, self._pushed = self._ledger.epoch, self._ledger.sent
        if self._pushed - self._ledger.sent > _MAX_BACKLOG_SECS * self._ledger.rate:
            self._dropped += 1
            return
        self._pushed += len(frame.audio) // 2
        await self.push_frame(OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels))
