"""Sends the bot's audio ahead of the clock, as far as the daemon grants, and can stop it without losing any."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from loguru import logger
from pipecat.frames.frames import (
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
    OutputTransportMessageUrgentFrame,
)
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams

from pipecat_runner._link.ledger import PlayoutLedger, PlayoutReport
from pipecat_runner._link.session import LinkSession
from pipecat_runner._link.unheard import Unheard

# The daemon answers an interruption within a few ms; after this long its last report is extrapolated.
_FLUSH_ANSWER_SECS = 0.15


class PacedOutput(BaseOutputTransport):
    """Writes audio as long as the daemon's grant covers it, by no clock of its own.

    :meth:`pause` silences the bot within a frame, although the daemon has up to a window of its audio: that is thrown
    away there, and sent once more by :meth:`resume`. Belongs to the event loop.
    """

    def __init__(self, session: LinkSession, params: TransportParams, *, window_ms: int, chunk_ms: int) -> None:
        """Create the sending half of a link.

        Args:
            session: The open socket.
            params: Must name ``audio_out_sample_rate``, a multiple of 50 Hz.
            window_ms: The grant before the daemon's first report.
            chunk_ms: Length of one audio message.
        """
        super().__init__(params)
        rate = params.audio_out_sample_rate
        if not rate:
            raise ValueError("LinkOutput needs params.audio_out_sample_rate")
        self._session = session
        self._chunk_bytes = rate * chunk_ms // 1000 * 2
        self.ledger = PlayoutLedger(rate=rate, window_ms=window_ms)
        self._unheard = Unheard()
        self._repeat = b""
        self._repeater: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._wake = asyncio.Event()
        self._flushed = asyncio.Event()
        self._stopping = asyncio.Lock()
        self._given_up = False

    @property
    def audio_chunk_size(self) -> int:
        """Bytes of one audio message: whole chunks also at 22.05 kHz, where pipecat's 10 ms are not whole samples."""
        return self._chunk_bytes

    @property
    def position(self) -> int:
        """Where audio that is not written yet will begin, in samples."""
        return self.ledger.sent + len(self._repeat) // 2

    def give_up(self) -> None:
        """Throw away what was not sent, and let :meth:`stop` return though the caller has not heard everything."""
        self._given_up = True
        self._room.set()

    def _is_working(self) -> bool:
        return self._session.is_open and not self._given_up

    # -- sending

    def on_playout(self, report: PlayoutReport) -> None:
        """Take a report of the daemon."""
        self.ledger.report(report, time.monotonic())
        self._unheard.forget_until(self.ledger.heard)
        if self.ledger.flush_answered:
            self._flushed.set()
        self._room.set()
        self._wake.set()

    async def wait_for_grant(self, position: int) -> bool:
        """Wait until audio may be sent up to ``position``; False when an interruption or the link's end came first."""
        return await self._wait_for(lambda: self.ledger.grants(position))

    async def _wait_for(self, free: Callable[[], bool]) -> bool:
        epoch = self.ledger.epoch
        while self._is_working() and epoch == self.ledger.epoch and not self.ledger.flushing:
            if not self.ledger.paused and free():
                return True
            self._room.clear()
            await self._room.wait()
        return False

    async def flush_over(self) -> bool:
        """Wait until no interruption is under way; False when nothing more can be sent."""
        while self.ledger.flushing and self._is_working():
            self._room.clear()
            await self._room.wait()
        return self._is_working()

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Send one chunk when the grant covers it; False when it was dropped."""
        samples = len(frame.audio) // 2
        while not await self._wait_for(lambda: not self._repeat and self.ledger.grants(self.ledger.sent + samples)):
            if frame.interruptible or not await self.flush_over():
                return False
        self._begin_new_audio()
        return await self._send_audio(frame.audio)

    def _begin_new_audio(self) -> None:
        """Called before a chunk goes out that was not sent before."""

    async def _send_audio(self, pcm: bytes) -> bool:
        # Entered first: a report about this audio can be here before send() returns.
        self._unheard.add(pcm, self.ledger.sent)
        self.ledger.add_sent(len(pcm) // 2, time.monotonic())
        return await self._session.send(OutputAudioRawFrame(pcm, sample_rate=self.ledger.rate, num_channels=1))

    async def send_message(self, frame: OutputTransportMessageFrame | OutputTransportMessageUrgentFrame) -> None:
        """Send an RTVI message."""
        await self._session.send(frame)

    async def _flush_daemon(self) -> None:
        """Have the daemon throw its queue away, and wait for its answer."""
        self._flushed.clear()
        if await self._session.send(InterruptionFrame()):
            try:
                async with asyncio.timeout(_FLUSH_ANSWER_SECS):
                    await self._flushed.wait()
            except TimeoutError:
                logger.debug("the daemon did not answer an interruption within {:g} s", _FLUSH_ANSWER_SECS)

    # -- pausing

    async def pause(self) -> bool:
        """Fall silent and keep what was not heard; False when that is not possible.

        It lasts until :meth:`resume` or an interruption, for which the bot then stopped where it paused.
        """
        async with self._stopping:
            if self.ledger.flushing or self.ledger.paused or not self._is_working():
                return False
            self.ledger.begin_pause()
            # So that the daemon does not take the marker for an interruption.
            await self._session.tell("paused", {})
            await self._flush_daemon()
            self.ledger.stopped_at(time.monotonic())
            self._wake.set()
            return True

    async def resume(self) -> None:
        """Go on from where :meth:`pause` stopped; nothing when there is no pause."""
        async with self._stopping:
            if not self.ledger.paused or self.ledger.flushing:
                return
            lost = self._unheard.after(self.ledger.heard)
            # All that waits for a later position waits for the same audio, which gets a new one.
            self._moved(len(lost) // 2)
            self._repeat = lost + self._repeat
            self.ledger.end_pause(time.monotonic())
            if self._repeat and (self._repeater is None or self._repeater.done()):
                self._repeater = self.create_task(self._send_again(), "link-repeat")
            self._room.set()

    def _moved(self, samples: int) -> None:
        """Called when everything that was not heard yet will be heard ``samples`` later in the stream."""

    async def _send_again(self) -> None:
        chunk = self._chunk_bytes
        while self._repeat and await self._wait_for(lambda: self.ledger.grants(self.ledger.sent + chunk // 2)):
            pcm, self._repeat = self._repeat[:chunk], self._repeat[chunk:]
            await self._send_audio(pcm)
        self._room.set()
