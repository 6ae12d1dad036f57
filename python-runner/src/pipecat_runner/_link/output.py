"""Sends the bot's audio, and lets the pipeline know what was heard."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from loguru import logger
from pipecat.frames.frames import (
    AggregatedTextFrame,
    AggregatedTextProgressFrame,
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    DataFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    LLMAssistantPushAggregationFrame,
    LLMFullResponseEndFrame,
    OutputAudioRawFrame,
    StartFrame,
    SystemFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_transport import TransportParams
from pipecat.utils.text.base_text_aggregator import TextType

from pipecat_runner._link.barrier import BarrierFrame
from pipecat_runner._link.clock import ANNOUNCED, AUDIO_CLOCK, TEXT_BESIDE, VOICE_LOST
from pipecat_runner._link.held import HeldQueue
from pipecat_runner._link.pacing import PacedOutput
from pipecat_runner._link.session import LinkSession
from pipecat_runner._link.speech import Sentence, SpeechBook, TextOrder

_DOWN = FrameDirection.DOWNSTREAM

# The aggregator takes what was heard within a few ms; an interruption does not wait longer for it.
_BARRIER_SECS = 0.1
# Audio is at the daemon and it says nothing about it: it is gone, though the socket may still look alive.
_REPORT_OVERDUE_SECS = 2.0
_WATCH_SECS = 0.5

# Frames whose pts is a time on the audio clock of our TTS services.
_ON_AUDIO_CLOCK = (
    AggregatedTextFrame,
    AggregatedTextProgressFrame,
    LLMFullResponseEndFrame,
    LLMAssistantPushAggregationFrame,
)

_Held = tuple[Frame, FrameDirection]


@dataclass
class _Broom(DataFrame):
    """Goes through the audio queue, which is what it is for."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)


class LinkOutput(PacedOutput):
    """The output transport of a call.

    Whatever pipecat pushes on behind audio (texts, words,
    bot-started and bot-stopped-speaking) is held until that audio was heard, so that context, transcript and turn
    logic follow the caller's ear and not the socket. Audio frames themselves end here.
    """

    def __init__(self, session: LinkSession, params: TransportParams, *, window_ms: int, chunk_ms: int) -> None:
        """Create the output side of a link.

        Args:
            session: The open socket.
            params: Must name ``audio_out_sample_rate``, a multiple of 50 Hz.
            window_ms: The grant before the daemon's first report.
            chunk_ms: Length of one audio message.
        """
        super().__init__(session, params, window_ms=window_ms, chunk_ms=chunk_ms)
        rate = self.ledger.rate
        self._held: HeldQueue[_Held] = HeldQueue(rate)
        self._speech: SpeechBook[TTSTextFrame] = SpeechBook(rate)
        self._releasing = asyncio.Lock()
        self._starting: list[_Held] = []
        self._announced = False
        self._contexts: set[str] = set()
        self._dead_contexts: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    # -- life

    async def start(self, frame: StartFrame) -> None:
        """Begin to send."""
        await super().start(frame)
        self._tasks = [self.create_task(self._release_loop(), "link-release"), self.create_task(self._watch_link())]
        await self.set_transport_ready(frame)

    async def stop(self, frame: EndFrame) -> None:
        """Send what is queued and return when the caller has heard it."""
        await self.resume()
        await super().stop(frame)
        await self._wait_until_heard()
        self.ledger.abandon()
        await self._release()
        for held, direction in self._held.clear():
            await self._deliver(held, direction)

    async def cancel(self, frame: CancelFrame) -> None:
        """Stop sending at once."""
        await self._cancel_tasks()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        """Release the tasks."""
        await self._cancel_tasks()
        await super().cleanup()

    async def _cancel_tasks(self) -> None:
        tasks, self._tasks = self._tasks, []
        if self._repeater is not None:
            tasks.append(self._repeater)
            self._repeater = None
        for task in tasks:
            await self.cancel_task(task)

    def _begin_new_audio(self) -> None:
        # The bot has started to speak when the first of these samples was heard, not when the one before it was.
        while self._starting:
            self._held.hold(self._starting.pop(0), self.ledger.sent + 1)

    def _moved(self, samples: int) -> None:
        self._held.move(samples)
        self._speech.move(samples)

    # -- holding back what was not heard yet

    async def push_frame(self, frame: Frame, direction: FrameDirection = _DOWN) -> None:
        """Push a frame on, or hold it until the audio before it was heard."""
        if not _follows_the_ear(frame, direction):
            await super().push_frame(frame, direction)
            return
        position = self.position
        if isinstance(frame, OutputAudioRawFrame | _Broom):
            return
        if isinstance(frame, TTSStartedFrame):
            self._held.anchor(frame.context_id, frame.metadata.get(AUDIO_CLOCK, 0), position)
            self._speech.context_starts(frame.context_id, position)
        elif isinstance(frame, AggregatedTextFrame):
            self._speech.sentence_starts(frame.id, position)
        elif isinstance(frame, BotStartedSpeakingFrame):
            # Comes before its audio, which an interruption may still take away: until then it must hold up nothing.
            self._starting.append((frame, direction))
            return
        elif isinstance(frame, BotStoppedSpeakingFrame):
            self._starting.clear()
        self._held.hold((frame, direction), position)
        self._wake.set()

    async def _release_loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not self.ledger.flushing:
                await self._release()

    async def _release(self) -> None:
        async with self._releasing:
            heard = self.ledger.heard
            while (text := self._speech.pop_heard_text(heard)) is not None:
                await self._push_texts([text])
            while (held := self._held.pop_due(heard)) is not None:
                await self._deliver(*held)

    async def _deliver(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, TTSStoppedFrame):
            await self._push_texts(self._speech.finish_context(frame.context_id))
        elif isinstance(frame, BotStartedSpeakingFrame):
            self._announced = True
        elif isinstance(frame, BotStoppedSpeakingFrame):
            if not self._announced:
                return
            if not self.ledger.flushing:
                for context in self._speech.complete_contexts():
                    await self._push_texts(self._speech.finish_context(context))
            # pipecat pushes it downstream first, then upstream.
            self._announced = direction is _DOWN
        elif isinstance(frame, TTSTextFrame) and frame.text_type != TextType.WORD:
            self._speech.sentence_heard(frame.segment_id)
        await super().push_frame(frame, direction)

    async def _push_texts(self, texts: list[TTSTextFrame]) -> None:
        for text in texts:
            if ANNOUNCED in text.metadata:
                await super().push_frame(text.metadata[ANNOUNCED])
            await super().push_frame(text)

    # -- what comes in

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Follow speech on its way in, and carry an interruption to the daemon before anything else learns of it."""
        if direction is _DOWN and isinstance(frame, InterruptionFrame):
            await self._interrupt(frame)
        elif (
            direction is not _DOWN or isinstance(frame, SystemFrame) or not (self._is_dead(frame) or self._keep(frame))
        ):
            await super().process_frame(frame, direction)

    def _is_dead(self, frame: Frame) -> bool:
        context = getattr(frame, "context_id", None)
        if context is None:
            return False
        self._contexts.add(context)
        return frame.interruptible and context in self._dead_contexts

    def _keep(self, frame: Frame) -> bool:
        """Enter a speech frame in the books; answers whether it stays here instead of going to the audio queue."""
        if isinstance(frame, TTSAudioRawFrame):
            self._speech.add_audio(frame.context_id, frame.audio, frame.sample_rate)
        elif isinstance(frame, TTSStartedFrame) and TEXT_BESIDE in frame.metadata:
            self._speech.expect_text(frame.context_id)
        elif isinstance(frame, TTSStoppedFrame):
            self._speech.context_complete(frame.context_id, lost=VOICE_LOST in frame.metadata)
        elif frame.pts and isinstance(frame, _ON_AUDIO_CLOCK):
            self._held.hold_timed((frame, _DOWN), frame.pts, getattr(frame, "context_id", None))
            self._wake.set()
            return True
        elif isinstance(frame, TTSTextFrame):
            if ANNOUNCED in frame.metadata:
                announcement = frame.metadata[ANNOUNCED]
                self._speech.announce(_sentence(announcement, announcement))
            return self._speech.add_text(frame.segment_id, frame.context_id, frame) is TextOrder.BEFORE_AUDIO
        elif isinstance(frame, AggregatedTextFrame) and frame.will_be_spoken:
            self._speech.announce(_sentence(frame))
        return False

    # -- interruption

    async def _interrupt(self, frame: InterruptionFrame) -> None:
        async with self._stopping:
            self.ledger.begin_flush()
            self._repeat = b""
            self._room.set()
            try:
                await self._settle()
                await super().process_frame(frame, _DOWN)
                await self._sweep()
            finally:
                self.ledger.end_flush()
                self._room.set()
        await self._release()

    async def _settle(self) -> None:
        """Flush the daemon's queue and give the pipeline what was heard until then, and no more."""
        await self._flush_daemon()
        at = self.ledger.stopped_at(time.monotonic())
        await self._release()
        await self._push_spoken_prefix(at)
        barrier = BarrierFrame()
        await super().push_frame(barrier)
        try:
            async with asyncio.timeout(_BARRIER_SECS):
                await barrier.reached.wait()
        except TimeoutError:
            logger.debug("the pipeline did not take the heard text within {:g} s", _BARRIER_SECS)
        self._speech.clear()
        for held, direction in self._held.clear():
            if isinstance(held, BotStoppedSpeakingFrame) or not held.interruptible:
                await self._deliver(held, direction)

    async def _sweep(self) -> None:
        """Make sure that nothing from before the interruption comes out after it."""
        # The frame with the interruption may have overtaken speech on its way in.
        self._dead_contexts, self._contexts = self._contexts, set()
        self._speech.clear()
        self._held.clear_timed()
        # And a chunk may be in the hands of the audio task, between its queue and write_audio_frame().
        broom = _Broom()
        await super().process_frame(broom, _DOWN)
        try:
            async with asyncio.timeout(_BARRIER_SECS):
                await broom.reached.wait()
        except TimeoutError:
            logger.debug("the audio task did not come round within {:g} s", _BARRIER_SECS)

    async def write_transport_frame(self, frame: Frame) -> None:
        """Note that the audio task has come to the end of what was queued before an interruption."""
        if isinstance(frame, _Broom):
            frame.reached.set()

    async def _push_spoken_prefix(self, at: int) -> None:
        prefix = self._speech.spoken_prefix(at)
        if prefix is None:
            return
        sentence = prefix.sentence
        if sentence.announcement is not None:
            await super().push_frame(sentence.announcement)
        # Type WORD: a frame of the sentence's own type would report the whole sentence as completed.
        words = TTSTextFrame(prefix.spoken, TextType.WORD, segment_id=sentence.id)
        words.context_id = sentence.context
        words.will_be_spoken = True
        await super().push_frame(words)
        await self._session.tell("heard-estimated", {"segment_id": sentence.id})
        progress = AggregatedTextProgressFrame(
            segment_id=sentence.id,
            context_id=sentence.context,
            text=sentence.text,
            text_type=sentence.kind,
            accumulated_text=prefix.spoken,
            remaining_text=prefix.rest,
        )
        await super().push_frame(progress)

    # -- the daemon's silence

    async def _watch_link(self) -> None:
        while self._session.is_open:
            try:
                async with asyncio.timeout(_WATCH_SECS):
                    await self._session.gone.wait()
            except TimeoutError:
                overdue = self.ledger.silent_for(time.monotonic())
                if overdue > _REPORT_OVERDUE_SECS:
                    self._session.fail(f"no playout report for {overdue:.1f} s while audio was outstanding")
        self._room.set()
        self._wake.set()

    async def _wait_until_heard(self) -> None:
        while (self.ledger.outstanding or self._repeat) and self._is_working():
            limit = (self.position - self.ledger.heard) / self.ledger.rate + _REPORT_OVERDUE_SECS
            self._room.clear()
            try:
                async with asyncio.timeout(None if self.ledger.on_hold else limit):
                    await self._room.wait()
            except TimeoutError:
                logger.warning("the end of the bot's speech was not reported as heard within {:.1f} s", limit)
                return


def _follows_the_ear(frame: Frame, direction: FrameDirection) -> bool:
    bot_speech = isinstance(frame, BotStartedSpeakingFrame | BotStoppedSpeakingFrame)
    return bot_speech or (direction is _DOWN and not isinstance(frame, SystemFrame | EndFrame))


def _sentence(frame: AggregatedTextFrame, announcement: Frame | None = None) -> Sentence:
    return Sentence(frame.id, frame.text, frame.text_type, frame.context_id, announcement)
