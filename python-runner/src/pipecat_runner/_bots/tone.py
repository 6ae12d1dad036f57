"""Plays a sine whose phase never jumps: a lost, repeated or inserted frame can be heard and measured."""

from __future__ import annotations

import asyncio

import numpy as np
from pipecat.frames.frames import EndFrame, Frame, InputAudioRawFrame, OutputAudioRawFrame, OutputTransportReadyFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from pipecat_runner._bots.base import Bot
from pipecat_runner._link.link import Link
from pipecat_runner._link.output import LinkOutput

TONE_RATE = 16_000


class ToneBot(Bot):
    """A tone from the first moment to the last, as far ahead as the daemon grants."""

    out_rate = TONE_RATE

    def __init__(self, hz: float, level_dbfs: float) -> None:
        """Create a tone.

        Args:
            hz: Frequency.
            level_dbfs: Peak level; 0 is full scale.
        """
        self._tone = Tone(hz, level_dbfs, TONE_RATE)

    def processors(self, link: Link) -> list[FrameProcessor]:
        """The tone and nothing else; the caller's audio goes nowhere."""
        return [link.input, ToneProcessor(self._tone, link.output), link.output, link.barrier]


class Tone:
    """Sample n of the tone is a function of n alone, so that it cannot drift."""

    def __init__(self, hz: float, level_dbfs: float, rate: int) -> None:
        """Create the function."""
        self._cycles_per_sample = hz / rate
        self._peak = 32767 * 10 ** (level_dbfs / 20)

    def pcm(self, first: int, count: int) -> bytes:
        """Samples ``first`` to ``first + count`` as 16-bit little-endian PCM."""
        cycles = (np.arange(first, first + count, dtype=np.float64) * self._cycles_per_sample) % 1.0
        return np.rint(np.sin(2 * np.pi * cycles) * self._peak).astype("<i2").tobytes()


class ToneProcessor(FrameProcessor):
    """Makes the tone when the output is ready, one chunk at a time, never more than may be sent."""

    def __init__(self, tone: Tone, output: LinkOutput) -> None:
        """Create the source of ``tone`` for ``output``."""
        super().__init__()
        self._tone = tone
        self._output = output
        self._task: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Begin when the output is ready."""
        await super().process_frame(frame, direction)
        if isinstance(frame, OutputTransportReadyFrame) and self._task is None:
            self._task = self.create_task(self._play(), "tone")
        elif isinstance(frame, EndFrame):
            await self._stop()
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Stop."""
        await super().cleanup()
        await self._stop()

    async def _stop(self) -> None:
        if self._task is not None:
            await self.cancel_task(self._task)
            self._task = None

    async def _play(self) -> None:
        ledger = self._output.ledger
        chunk = self._output.audio_chunk_size // 2
        made = pushed = 0
        while True:
            if await self._output.wait_for_grant(pushed + chunk):
                await self.push_frame(OutputAudioRawFrame(self._tone.pcm(made, chunk), TONE_RATE, 1))
                made += chunk
                pushed += chunk
            elif await self._output.flush_over():
                pushed = ledger.sent
            else:
                return
