"""Follows the answers of a language model, and asks again when one fails."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    FunctionCallsStartedFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMServiceMetadataFrame,
    LLMTextFrame,
    LLMThoughtTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._parts.care import Care
from pipecat_runner._parts.chain_watch import ChainWatch
from pipecat_runner._parts.failures import Failure, malformed, reported, stalled
from pipecat_runner._parts.inside import Inside
from pipecat_runner._parts.watch import Again

# Before a provider that is busy is asked once more.
_BREATH_SECS = 0.3


@dataclass(eq=False)
class _Answer:
    """What one context frame led to so far."""

    frame: LLMContextFrame
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    retries: int = 0
    start: LLMFullResponseStartFrame | None = None
    begun: bool = False
    called: bool = False
    said: bool = False
    failing: bool = False

    def reset(self) -> None:
        self.start = None
        self.begun = self.called = self.said = self.failing = False


class LlmCare(ChainWatch):
    """The watch of the model's seat.

    What an answer begins with is held back until its first word or tool call, so that nothing downstream learns of an
    attempt that came to nothing. A generation is failed by an error, by silence for ``stall_secs`` before or between
    words, and by an end without words or tool calls.
    """

    def __init__(self, care: Care, *, stall_secs: float) -> None:
        """Prepare.

        Args:
            care: What is common to the call.
            stall_secs: Without a word for this long an answer has failed.
        """
        super().__init__(care, stall_secs=stall_secs)
        self._inside = Inside()
        self._answers: deque[_Answer] = deque()
        self._realtime = False

    # -- what goes in

    async def enters(self, frame: Frame, direction: FrameDirection) -> bool:
        """Note what is asked."""
        if isinstance(frame, InterruptionFrame):
            self._inside.interrupt()
            self._answers.clear()
            self._watch_next()
        elif isinstance(frame, LLMContextFrame):
            if self._care.over:
                return False
            if self._realtime:
                self._inside.forget(LLMContextFrame)
            self._inside.enter(frame, direction)
            if not self._realtime:
                self._answers.append(_Answer(frame))
                if len(self._answers) == 1:
                    self._watch_next()
                return self._can_answer()
        else:
            self._inside.enter(frame, direction)
        return True

    def _can_answer(self) -> bool:
        if self.chain.seat.service.is_usable:
            return True
        if len(self._answers) == 1:
            provider = self.chain.provider
            self._fail(Failure("llm", provider, "unknown", "it has failed for good before", permanent=True))
        return False

    # -- what comes out

    async def leaves(self, frame: Frame, direction: FrameDirection) -> bool:  # noqa: ARG002
        """Follow the answer; hold its beginning back until it has one."""
        self._inside.leave(frame)
        if isinstance(frame, LLMServiceMetadataFrame):
            self._realtime = frame.is_realtime_service
        answer = self._answers[0] if self._answers else None
        if answer is None or answer.failing:
            return answer is None or not isinstance(
                frame, LLMFullResponseStartFrame | LLMTextFrame | LLMFullResponseEndFrame
            )
        if isinstance(frame, LLMFullResponseStartFrame):
            answer.start = frame
            return False
        if isinstance(frame, LLMTextFrame | LLMThoughtTextFrame | FunctionCallsStartedFrame):
            answer.moved.set()
            answer.said = answer.said or (isinstance(frame, LLMTextFrame) and bool(frame.text.strip()))
            answer.called = answer.called or isinstance(frame, FunctionCallsStartedFrame)
            await self._begin(answer)
        elif isinstance(frame, LLMFullResponseEndFrame) and (answer.start is not None or answer.begun):
            return await self._ends(answer)
        return True

    async def _begin(self, answer: _Answer) -> None:
        if answer.start is not None:
            start, answer.start = answer.start, None
            answer.begun = True
            await self.chain.seat.push_frame(start)

    async def _ends(self, answer: _Answer) -> bool:
        if not answer.said and not answer.called:
            self._fail(malformed("llm", self.chain.provider, "the answer has neither words nor a tool call"))
            return False
        self._close(answer)
        self._care.worked(self.chain)
        if (first := self.chain.better()) is not None:
            self._spawn(self._go_back(first))
        return True

    async def fails(self, error: ErrorFrame) -> bool:
        """Take an error as the current answer's; without an answer it shows when the next is asked for."""
        if error.category is ErrorCategory.APPLICATION:
            return False
        failure = reported("llm", self.chain.provider, error)
        if self._answers:
            self._fail(failure)
        elif self._realtime and failure.permanent:
            self._spawn(self._replace(failure))
        else:
            await self._care.tell(failure, "none")
        return False

    def again(self, *, same: bool) -> list[Again]:
        """The question, and what waits behind it."""
        if self._answers:
            self._answers[0].reset()
            self._watch_next()
        return self._inside.again(same=same)

    # -- time

    def _watch_next(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._answers:
            self._timer = self._work(self._wait_for_words(self._answers[0]))

    async def _wait_for_words(self, answer: _Answer) -> None:
        secs = self._stall_secs
        try:
            while True:
                async with asyncio.timeout(secs):
                    await answer.moved.wait()
                answer.moved.clear()
        except TimeoutError:
            what = "no further word" if answer.begun else "no first word"
            self._fail(stalled("llm", self.chain.provider, what, secs))

    # -- recovery

    def _fail(self, failure: Failure) -> None:
        answer = self._answers[0]
        if answer.failing:
            return
        answer.failing = True
        self.chain.failed(self.chain.seat.active, failure)
        self._spawn(self._recover(answer, failure))

    async def _recover(self, answer: _Answer, failure: Failure) -> None:
        if answer.called:
            # What was asked for is under way; a second attempt would ask for it twice.
            self._close(answer)
            await self._care.tell(failure, "none")
            return
        if not answer.said or await self._care.unsay():
            if not failure.permanent and answer.retries < self._care.config.retries:
                answer.retries += 1
                await self._care.tell(failure, "retried")
                await asyncio.sleep(_BREATH_SECS)
                if self._is_current(answer):
                    await self.chain.seat.restart()
                return
            if await self._hand_over(answer, failure) or not self._is_current(answer):
                return
        await self._give_in(answer, failure)

    async def _hand_over(self, answer: _Answer, failure: Failure) -> bool:
        to = await self._care.switch(self.chain, discard=False)
        if to is None:
            return False
        answer.retries = 0
        await self._care.tell(failure, "switched", to)
        return True

    async def _give_in(self, answer: _Answer, failure: Failure) -> None:
        if not self._is_current(answer):
            return
        self._close(answer)
        await self.chain.seat.restart()
        if answer.begun:
            await self.chain.seat.push_frame(LLMFullResponseEndFrame())
        await self._care.give_in(failure, self._care.config.sentence)

    async def _replace(self, failure: Failure) -> None:
        to = await self._care.switch(self.chain, discard=True)
        if to is not None:
            await self._care.tell(failure, "switched", to)
        else:
            await self._care.tell(failure, "ended")
            await self._care.give_up(failure)

    async def _go_back(self, key: str) -> None:
        await self.chain.seat.switch(key)

    def _is_current(self, answer: _Answer) -> bool:
        return bool(self._answers) and self._answers[0] is answer

    def _close(self, answer: _Answer) -> None:
        if self._is_current(answer):
            self._answers.popleft()
        self._inside.leave(answer.frame)
        self._watch_next()
