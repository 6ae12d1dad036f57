"""Where the calls of a conversation are watched over: what was said, who interrupts, that nobody waits in silence."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    FunctionCallResultProperties,
    FunctionCallsStartedFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TextFrame,
    TTSSpeakFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from pipecat_runner._agent import WaitingConfig
from pipecat_runner._link.barrier import BarrierFrame

# A model's answer ends within a few ms after the calls in it; some speech-to-speech models do not say that it does.
_CALLS_END_SECS = 2.0
_ANSWER_END_SECS = 30.0
# The frame that announces an answer's calls is on its way before they are made.
_ANNOUNCED_SECS = 1.0
# Results wait behind speech until that was heard; more than a few never do.
_MAX_RESULTS = 32


class Hearing(Enum):
    """What became of what was said before a call."""

    HEARD = "heard"
    INTERRUPTED = "interrupted"
    LATE = "late"


@dataclass(slots=True)
class Batch:
    """The calls of one answer. The model is asked again when the last of them has its result, if any wants that."""

    pending: int = 1
    wants_answer: bool = False

    def finish(self, *, wants_answer: bool) -> bool:
        """Note that one has its result; answers whether the model is to be asked now."""
        self.pending -= 1
        self.wants_answer |= wants_answer
        return self.pending <= 0 and self.wants_answer


class Desk(FrameProcessor):
    """Stands directly behind the model.

    Attributes:
        speeches: For functions by name what is said when the model calls one and says nothing itself.
        waiting: What is said while a call takes its time.
        rounds: How many answers in a row were nothing but calls.
    """

    def __init__(self, waiting: WaitingConfig, *, speaks: bool) -> None:
        """Prepare.

        Args:
            waiting: What is said while a call takes its time.
            speaks: Whether there is a voice to say it.
        """
        super().__init__()
        self.speeches: Mapping[str, str] = {}
        self.waiting = waiting
        self.rounds = 0
        self._speaks = speaks
        self._said = False
        self._called: list[str] = []
        self._last_speech: str | None = None
        self._answered = asyncio.Event()
        self._answered.set()
        self._interrupted = asyncio.Event()
        self._announced = asyncio.Event()
        self._batches: dict[str, Batch] = {}
        self._open: list[Batch] = []
        self._results: deque[FunctionCallResultProperties] = deque(maxlen=_MAX_RESULTS)
        self._bot_speaks = False
        self._user_speaks = False
        self._sound_at = time.monotonic()
        self._changed = asyncio.Event()
        self._running = 0
        self._waiter: asyncio.Task[None] | None = None

    # -- what a call asks

    async def batch_of(self, call_id: str) -> Batch:
        """The calls that were made in the same answer as this one."""
        try:
            async with asyncio.timeout(_ANNOUNCED_SECS):
                while call_id not in self._batches:
                    self._announced.clear()
                    await self._announced.wait()
        except TimeoutError:
            return Batch()
        return self._batches.pop(call_id)

    @property
    def interruption(self) -> asyncio.Event:
        """Set when the caller interrupts from now on."""
        return self._interrupted

    async def answered(self) -> None:
        """Wait until the model has finished the answer it is giving, so that what follows goes behind it."""
        try:
            async with asyncio.timeout(_CALLS_END_SECS if self._called else _ANSWER_END_SECS):
                await self._answered.wait()
        except TimeoutError:
            self._finish_answer()

    async def heard(self, interrupted: asyncio.Event, within_secs: float) -> Hearing:
        """Wait until the caller has heard everything said so far.

        Args:
            interrupted: Set when the caller interrupts first.
            within_secs: How long at most.
        """
        await self.answered()
        barrier = BarrierFrame()
        await self.queue_frame(barrier)
        waits = [asyncio.ensure_future(event.wait()) for event in (barrier.reached, interrupted)]
        try:
            await asyncio.wait(waits, timeout=within_secs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if barrier.reached.is_set():
            return Hearing.HEARD
        return Hearing.INTERRUPTED if interrupted.is_set() else Hearing.LATE

    def then(self, wants_answer: bool) -> FunctionCallResultProperties:
        """How a result goes to the model: it is asked next if that is wanted and the caller does not interrupt."""
        properties = FunctionCallResultProperties(run_llm=wants_answer)
        self._results.append(properties)
        return properties

    async def say(self, text: str) -> None:
        """Say something behind everything said so far. Without a voice it is not said."""
        if self._speaks:
            await self.queue_frame(TTSSpeakFrame(text))

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While in this the caller is told every now and then that something is going on."""
        self._running += 1
        if self._waiter is None and self._speaks and self.waiting.after_secs and self.waiting.sentences:
            self._waiter = self.create_task(self._fill_silence(), "tool-silence")
        try:
            yield
        finally:
            self._running -= 1
            self._change()

    # -- what goes by

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Follow the conversation."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            self._follow_answer(frame)
        self._follow_voices(frame)
        await self.push_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM and isinstance(frame, LLMFullResponseEndFrame):
            await self._speak_for_calls()
            self._finish_answer()

    async def cleanup(self) -> None:
        """End what waits."""
        await super().cleanup()
        if self._waiter is not None:
            await self.cancel_task(self._waiter)
            self._waiter = None

    def _follow_answer(self, frame: Frame) -> None:
        match frame:
            case LLMFullResponseStartFrame():
                self._said = False
                self._answered.clear()
            case FunctionCallsStartedFrame():
                # Overtakes the texts of its answer, and that answer's end comes behind it.
                batch = Batch(pending=len(frame.function_calls))
                self._batches = {call.tool_call_id: batch for call in frame.function_calls}
                self._open = [*(other for other in self._open if other.pending > 0), batch]
                self._called = [call.function_name for call in frame.function_calls]
                self.rounds += 1
                self._answered.clear()
                self._announced.set()
            case TextFrame() if frame.text.strip():
                self._said = True
                self._begin_anew()
            case InterruptionFrame():
                self._begin_anew()
                self._interrupt()

    def _follow_voices(self, frame: Frame) -> None:
        match frame:
            case BotStartedSpeakingFrame():
                self._bot_speaks = True
            case BotStoppedSpeakingFrame():
                self._bot_speaks = False
            case UserStartedSpeakingFrame():
                self._user_speaks = True
            case UserStoppedSpeakingFrame():
                self._user_speaks = False
            case _:
                return
        self._change()

    def _begin_anew(self) -> None:
        self.rounds = 0
        self._last_speech = None

    def _interrupt(self) -> None:
        interrupted, self._interrupted = self._interrupted, asyncio.Event()
        interrupted.set()
        # The caller's turn brings an answer of its own, to results that are there and to those still on their way.
        for batch in self._open:
            batch.wants_answer = False
        while self._results:
            self._results.pop().run_llm = False
        self._finish_answer()

    def _finish_answer(self) -> None:
        self._called = []
        self._answered.set()
        self._change()

    async def _speak_for_calls(self) -> None:
        if self._speaks and not self._said:
            speech = next((self.speeches[name] for name in self._called if name in self.speeches), None)
            # A model that calls again, because it made a mistake, has nothing new to say.
            if speech is not None and speech != self._last_speech:
                self._last_speech = speech
                await self.push_frame(TTSSpeakFrame(speech))

    # -- silence

    def _change(self) -> None:
        self._sound_at = time.monotonic()
        self._changed.set()

    async def _fill_silence(self) -> None:
        said = 0
        due = time.monotonic() + self.waiting.after_secs
        try:
            while self._running:
                self._changed.clear()
                due = max(due, self._sound_at + self.waiting.after_secs)
                quiet = not (self._bot_speaks or self._user_speaks) and self._answered.is_set()
                if quiet and time.monotonic() >= due:
                    sentences = self.waiting.sentences
                    await self.say(sentences[min(said, len(sentences) - 1)])
                    said += 1
                    due = time.monotonic() + self.waiting.every_secs
                try:
                    async with asyncio.timeout(max(0.0, due - time.monotonic()) if quiet else None):
                        await self._changed.wait()
                except TimeoutError:
                    pass
        finally:
            self._waiter = None
