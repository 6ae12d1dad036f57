"""What every speech-to-speech model has to do in a call, whoever's it is."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from typing import Any

from loguru import logger
from pipecat.frames.frames import (
    Frame,
    FunctionCallResultFrame,
    FunctionCallsStartedFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMContextUserTurnFrame,
    LLMFullResponseEndFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._errors import NoAnswer

# Before a lost connection is made again, and after each further loss as much longer.
_BREATH_SECS = 0.2
# A connection that breaks more often than this without an answer in between is not made again.
_MAX_LOSSES = 2


class SpokenModel(LLMService[Any], ABC):
    """Goes in front of a realtime service class of pipecat's: ``class X(SpokenModel, SomeRealtimeLLMService)``.

    The connection is made with the conversation so far and its tools, also when the caller is to speak first. An answer
    that does not begin in time, and a connection that breaks, lead to a new connection. What the caller has said is
    lost with the old one: when an answer was owed or under way, the new one begins with an apology. Each loss is
    reported, and after the second in a row the service has failed for good.

    Attributes:
        stall_secs: An answer has to begin within this.
        apology: Said when an answer was lost.
    """

    stall_secs: float = 10.0
    apology: str = ""
    _context: LLMContext | None = None
    _began = False
    _early: tuple[Exception, ErrorCategory | None] | None = None
    _losses = 0
    _written = 0
    _owed = False
    _due = 0.0
    _timer: asyncio.Task[None] | None = None
    _recovery: asyncio.Task[None] | None = None

    def begin(self, context: LLMContext) -> None:
        """Name the conversation, before the pipeline starts."""
        self._context = context

    async def start(self, frame: StartFrame) -> None:
        """Make the conversation's tools callable; a model that listens is given no context when it is to answer."""
        await super().start(frame)
        if self._context is not None:
            self._sync_registered_tool_handlers(self._context.tools)

    @abstractmethod
    async def speak(self, text: str) -> None:
        """Have the model say a sentence word for word, behind what it is saying."""

    @abstractmethod
    def _is_answering(self) -> bool:
        """Whether an answer is under way."""

    @abstractmethod
    async def _connect_again(self) -> None:
        """Make a new connection with the conversation so far."""

    def _warn_if_realtime_service_emits_no_turn_frames(self, emits_turn_frames: bool) -> None:
        """Say nothing: turns are taken by the pipeline on purpose."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Note when an answer is owed."""
        if isinstance(frame, LLMContextUserTurnFrame):
            self._written += direction is FrameDirection.DOWNSTREAM
        elif isinstance(frame, LLMContextFrame) and direction is FrameDirection.DOWNSTREAM:
            if self._written:
                # It says that the caller's words, which the model has heard long ago, are now in the context.
                self._written -= 1
                return
            self._owe()
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self._owe()
        elif isinstance(frame, InterruptionFrame):
            self._settle()
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            # Before this nobody knows what kind of service it is whose connection could not be made.
            self._began = True
            if self._early is not None:
                await self.lost(*self._early)

    async def push_frame(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        """Note how an answer goes on: it may fall silent before its first sound, and before any other."""
        if isinstance(frame, TTSAudioRawFrame):
            self._losses = 0
            self._owe()
        elif isinstance(frame, FunctionCallsStartedFrame | LLMFullResponseEndFrame):
            self._losses = 0
            self._settle()
        elif isinstance(frame, FunctionCallResultFrame) and direction is FrameDirection.DOWNSTREAM and _asks(frame):
            self._owe()
        await super().push_frame(frame, direction)

    async def cleanup(self) -> None:
        """End what is under way."""
        self._settle()
        if self._recovery is not None:
            await self.cancel_task(self._recovery)
            self._recovery = None
        await super().cleanup()

    def _owe(self) -> None:
        self._owed = True
        self._due = time.monotonic() + self.stall_secs
        if self._timer is None:
            self._timer = self.create_task(self._wait_for_answer(), "stall")

    def _settle(self) -> None:
        self._owed = False
        if self._timer is not None and self._timer is not asyncio.current_task():
            self._timer.cancel()
        self._timer = None

    async def _wait_for_answer(self) -> None:
        left = self.stall_secs
        while left > 0:
            await asyncio.sleep(left)
            left = self._due - time.monotonic()
        self._timer = None
        await self.lost(NoAnswer(f"no answer within {self.stall_secs:g} s"))

    async def lost(self, error: Exception, category: ErrorCategory | None = None) -> None:
        """Report that the connection is of no use any more, and make another unless that is pointless."""
        if not self._began:
            self._early = self._early or (error, category)
            return
        if self._recovery is not None and not self._recovery.done():
            return
        self._losses += 1
        hopeless = self._losses > _MAX_LOSSES or (category is not None and category.is_permanent)
        await self.push_error(
            error_msg=f"the connection is lost ({type(error).__name__})",
            exception=error,
            category=category,
            force_treat_as_permanent=hopeless,
        )
        if not hopeless:
            logger.info("{}: connecting again", self)
            self._recovery = self.create_task(self._recover(), "recover")

    async def _recover(self) -> None:
        answering = self._is_answering()
        owed = self._owed or answering
        self._settle()
        if answering:
            await self.push_frame(TTSStoppedFrame())
            await self.push_frame(LLMFullResponseEndFrame())
        await asyncio.sleep(_BREATH_SECS * self._losses)
        await self._connect_again()
        if owed and self.apology:
            self._owe()
            await self.speak(self.apology)


def _asks(result: FunctionCallResultFrame) -> bool:
    return result.properties is None or result.properties.run_llm is not False
