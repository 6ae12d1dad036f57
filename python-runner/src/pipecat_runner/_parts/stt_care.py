"""Follows what the caller says and what a recogniser makes of it, and has the next one hear it when it fails."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from loguru import logger
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._parts.care import Care
from pipecat_runner._parts.chain_watch import ChainWatch
from pipecat_runner._parts.failures import Failure, malformed, reported, stalled
from pipecat_runner._parts.watch import Again, NotSeated

# A voice is noticed a little after it has begun; recognisers want some quiet before it, too.
_BEFORE_SECS = 1.0
# Of one utterance; what was said before the last of it is not heard a second time.
_KEPT_SECS = 30.0
# What is shorter than this may have been a cough, of which there is no transcript.
_VOICE_SECS = 0.4
# A silence within a sentence is seldom longer; one sentence is to be apologised for once.
_PAUSE_SECS = 0.7
# A recogniser that dials again and again says so each time; the platform is told once in a while.
_TOLD_SECS = 30.0


@runtime_checkable
class Answering(Protocol):
    """A recogniser that can tell whether it hears nothing or is not heard of."""

    answered_at: float
    """When its provider last answered, on the monotonic clock."""


@runtime_checkable
class Renewable(Protocol):
    """A recogniser that can leave a connection over which nothing comes."""

    async def renew(self) -> None:
        """Make another connection."""


@dataclass(eq=False, slots=True)
class _Heard:
    """A frame of what the caller says."""

    frame: Frame
    direction: FrameDirection
    secs: float = 0.0
    left: bool = False


class SttCare(ChainWatch):
    """The watch of the recogniser's seat.

    What the caller is saying is kept until there is a transcript. An utterance is failed by an error, and by no
    transcript for ``stall_secs`` after the caller fell silent; then the next recogniser hears it from its beginning.
    With no other one the caller is asked to say it again.
    """

    def __init__(self, care: Care, *, stall_secs: float) -> None:
        """Prepare.

        Args:
            care: What is common to the call.
            stall_secs: Without a transcript for this long after the caller's voice an utterance has failed.
        """
        super().__init__(care, stall_secs=stall_secs)
        self._kept: dict[int, _Heard] = {}
        self._kept_secs = 0.0
        self._speaking = False
        self._waiting = False
        self._detects = False
        # Of audio, not of the clock: it may come in bursts.
        self._voice_secs = 0.0
        self._silent_at = 0.0
        self._failure: Failure | None = None
        self._replacing = False
        self._told: dict[str, float] = {}

    # -- what goes in

    async def enters(self, frame: Frame, direction: FrameDirection) -> bool:
        """Keep what the caller says until it is understood."""
        if isinstance(frame, InputAudioRawFrame):
            secs = len(frame.audio) / 2 / frame.sample_rate
            if self._speaking:
                self._voice_secs += secs
            self._keep(frame, direction, secs)
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            self._detects = self._speaking = True
            if not self._waiting:
                self._voice_secs = frame.start_secs
            self._keep(frame, direction)
            self._stop_waiting()
        elif isinstance(frame, VADUserStoppedSpeakingFrame) and self._speaking:
            self._keep(frame, direction)
            self._speaking = False
            self._fell_silent(frame.stop_secs)
        return True

    def _keep(self, frame: Frame, direction: FrameDirection, secs: float = 0.0) -> None:
        self._kept[frame.id] = _Heard(frame, direction, secs)
        self._kept_secs += secs
        limit = _KEPT_SECS if self._speaking or self._waiting or self._failure is not None else _BEFORE_SECS
        while self._kept_secs > limit:
            self._kept_secs -= self._kept.pop(next(iter(self._kept))).secs

    def _fell_silent(self, ago: float) -> None:
        if self._care.over or self._voice_secs - ago < _VOICE_SECS:
            return
        self._waiting = True
        self._silent_at = time.monotonic()
        if self._failure is None and not self.chain.seat.service.is_usable:
            self._failure = Failure("stt", self.chain.provider, "unknown", "it has failed for good before", True)
        elif self._failure is not None and not self._failure.permanent and self.chain.seat.service.is_usable:
            # It has dialled again and been given what it had not heard; that may do.
            self._failure = None
        if self._failure is None:
            self._wait()
        elif not self._replacing:
            self._stop_waiting()
            self._timer = self._work(self._apologise_after_pause(self._failure))

    # -- what comes out

    async def leaves(self, frame: Frame, direction: FrameDirection) -> bool:  # noqa: ARG002
        """Follow what is understood."""
        if isinstance(frame, TranscriptionFrame) and frame.text.strip():
            self._understood()
        elif isinstance(frame, InterimTranscriptionFrame) and self._timer is not None:
            self._wait()
        elif (heard := self._kept.get(frame.id)) is not None:
            heard.left = True
        return True

    def _understood(self) -> None:
        self._stop_waiting()
        self._forget()
        self._voice_secs = 0.0
        self._care.worked(self.chain)
        if (first := self.chain.better()) is not None and not self._speaking:
            self._spawn(self._go_back(first))

    def _forget(self) -> None:
        self._waiting = False
        self._failure = None
        self._kept.clear()
        self._kept_secs = 0.0

    async def fails(self, error: ErrorFrame) -> bool:
        """Take an error as that of the utterance; between utterances it shows with the next one."""
        if error.category is ErrorCategory.APPLICATION:
            return False
        failure = reported("stt", self.chain.provider, error)
        if self._speaking or self._waiting or failure.permanent or not self._detects:
            await self._fail(failure)
        else:
            await self._tell_once(failure)
        return False

    async def _tell_once(self, failure: Failure) -> None:
        now = time.monotonic()
        if now - self._told.get(failure.kind, -_TOLD_SECS) >= _TOLD_SECS:
            self._told[failure.kind] = now
            # One that can still work dials again by itself.
            await self._care.tell(failure, "retried" if self.chain.seat.service.is_usable else "none")

    def again(self, *, same: bool) -> list[Again]:  # noqa: ARG002 - the same is not given anything again
        """What the caller has said, for the next recogniser; the rest of the pipeline has had it."""
        self._failure = None
        return [Again(heard.frame, heard.direction, quietly=heard.left) for heard in self._kept.values()]

    # -- time

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = self._work(self._wait_for_words())

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _wait_for_words(self) -> None:
        await asyncio.sleep(self._stall_secs)
        self._timer = None
        service = self.chain.seat.service
        if isinstance(service, Answering) and service.answered_at > self._silent_at:
            # There was nothing to understand: a cough, another voice in the room.
            self._forget()
            return
        await self._fail(stalled("stt", self.chain.provider, "no transcript", self._stall_secs))

    # -- recovery

    async def _fail(self, failure: Failure) -> None:
        if self._failure is not None or self._replacing:
            await self._tell_once(failure)
            return
        self._failure = failure
        self._stop_waiting()
        self.chain.failed(self.chain.seat.active, failure)
        self._replacing = True
        self._spawn(self._replace(failure))

    async def _replace(self, failure: Failure) -> None:
        try:
            to = await self._care.switch(self.chain, discard=True)
        finally:
            self._replacing = False
        if to is None and failure.kind == "stall" and isinstance(service := self.chain.seat.service, Renewable):
            await service.renew()
        if to is not None:
            await self._care.tell(failure, "switched", to)
            if self._waiting and not self._speaking:
                self._wait()
        elif self._waiting and not self._speaking:
            await self._apologise(failure)
        elif self._speaking or not failure.permanent:
            # Told when the caller has finished, or heard after all.
            await self._tell_once(failure)
        else:
            await self._care.tell(failure, "none")

    async def _apologise_after_pause(self, failure: Failure) -> None:
        await asyncio.sleep(_PAUSE_SECS)
        self._timer = None
        await self._apologise(failure)

    async def _apologise(self, failure: Failure) -> None:
        self._forget()
        await self._care.give_in(failure, self._care.config.unheard)

    async def _go_back(self, key: str) -> None:
        try:
            await self.chain.seat.prepare(key)
            if not self._speaking:
                await self.chain.seat.switch(key)
        except NotSeated as e:
            logger.info("stt: {} cannot take over again: {}", self.chain.name(key), e)
            self.chain.failed(key, malformed("stt", self.chain.name(key), "not ready"))
