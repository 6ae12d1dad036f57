"""Follows what a voice says, and has the rest said by the next one when it fails."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from loguru import logger
from pipecat.frames.frames import (
    AggregatedTextFrame,
    ErrorFrame,
    Frame,
    InterimTranscriptionFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    SystemFrame,
    TextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.tts_service import TTSService
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.text.base_text_aggregator import TextType

from pipecat_runner._link.clock import VOICE_LOST
from pipecat_runner._parts.care import Care
from pipecat_runner._parts.chain_watch import ChainWatch
from pipecat_runner._parts.failures import Failure, malformed, reported, stalled
from pipecat_runner._parts.inside import is_kept
from pipecat_runner._parts.say import Unsay
from pipecat_runner._parts.tones import error_tone
from pipecat_runner._parts.utterance import Utterance
from pipecat_runner._parts.watch import Again, NotSeated

_DOWN = FrameDirection.DOWNSTREAM
# pipecat gives a context up that is silent for three seconds, also one that has not sounded yet.
_QUIET_SECS = 2.5


@dataclass(eq=False)
class _Given:
    """A frame in the voice, or one that will be needed again."""

    frame: Frame
    direction: FrameDirection
    utterance: Utterance | None = None
    left: bool = False


class TtsCare(ChainWatch):
    """The watch of the voice's seat.

    A sentence is failed by an error, and by no sound of it for ``stall_secs``. What was spoken before it stays; from
    that sentence on the next voice says it. With no other voice the same one is tried once more, and then the caller
    hears a short tone instead, so that the line is not dead.
    """

    def __init__(self, care: Care, *, stall_secs: float) -> None:
        """Prepare.

        Args:
            care: What is common to the call.
            stall_secs: Without the first sound of a sentence for this long it has failed.
        """
        super().__init__(care, stall_secs=stall_secs)
        self._given: list[_Given] = []
        self._turn: Utterance | None = None
        self._asked_at: float | None = None
        self._failing = False
        self._retried = False
        # Why the one that has the seat can speak no more, if it cannot.
        self._broken: Failure | None = None

    def hear(self, service: TTSService) -> TTSService:
        """Have a voice say when it asks its provider for a sentence; returns it."""
        service.add_event_handler("on_tts_request", self._asked)
        return service

    # -- what goes in

    async def enters(self, frame: Frame, direction: FrameDirection) -> bool:
        """Note what is to be said."""
        if isinstance(frame, InterruptionFrame):
            self._interrupt()
            return True
        if isinstance(frame, Unsay):
            self._spawn(self._unsay(frame))
            return False
        if not is_kept(frame):
            return True
        given = _Given(frame, direction)
        if direction is _DOWN:
            self._note(given)
        self._given.append(given)
        if given.utterance is not None and not self.chain.seat.service.is_usable:
            never = Failure("tts", self.chain.provider, "unknown", "it has failed for good before", permanent=True)
            self._fail(self._broken or never)
            return False
        return True

    def _note(self, given: _Given) -> None:
        frame = given.frame
        if isinstance(frame, LLMFullResponseStartFrame) and not frame.skip_tts:
            self._turn = Utterance()
        elif isinstance(frame, LLMFullResponseEndFrame):
            self._turn = None
        elif isinstance(frame, TTSSpeakFrame):
            given.utterance = Utterance(frame.text)
        elif isinstance(frame, TextFrame) and _is_spoken(frame):
            if self._turn is None:
                self._turn = Utterance()
            self._turn.add(frame.text)
            given.utterance = self._turn

    def _interrupt(self) -> None:
        self._given = [given for given in self._given if not given.frame.interruptible]
        self._turn = None
        self._heard()

    # -- what comes out

    async def leaves(self, frame: Frame, direction: FrameDirection) -> bool:
        """Follow what is spoken; nothing more of a voice that has failed."""
        if isinstance(frame, SystemFrame) or direction is not _DOWN:
            self._leave(frame)
            return True
        if self._failing:
            return False
        if isinstance(frame, TTSAudioRawFrame):
            self._sound(frame)
        elif isinstance(frame, TTSTextFrame):
            self._text(frame)
        elif isinstance(frame, AggregatedTextFrame):
            if frame.will_be_spoken:
                self._announce(frame)
        elif isinstance(frame, TTSStoppedFrame):
            self._stop(frame.context_id)
        else:
            self._leave(frame)
        return True

    def _announce(self, frame: AggregatedTextFrame) -> None:
        for utterance in self._utterances():
            if utterance.announce(frame.text, frame.context_id):
                return

    def _sound(self, frame: TTSAudioRawFrame) -> None:
        self._heard()
        if (utterance := self._of(frame.context_id)) is not None:
            if not utterance.sounds:
                self._retried = False
                self._care.worked(self.chain)
            utterance.sound(len(frame.audio) * 500 / frame.sample_rate)

    def _text(self, frame: TTSTextFrame) -> None:
        utterance = self._of(frame.context_id)
        if utterance is None:
            return
        if frame.text_type == TextType.WORD:
            utterance.word(frame.text)
        else:
            utterance.sentence(frame.text)

    def _stop(self, context: str | None) -> None:
        if (utterance := self._of(context)) is None:
            return
        utterance.stop()
        if not utterance.rest().strip():
            self._given = [
                given
                for given in self._given
                if given.utterance is not utterance or not isinstance(given.frame, TTSSpeakFrame)
            ]
        if not any(one.rest().strip() for one in self._utterances()):
            self._heard()

    def _leave(self, frame: Frame) -> None:
        for i, given in enumerate(self._given):
            if given.frame is not frame:
                continue
            if isinstance(frame, LLMFullResponseStartFrame):
                given.left = True
            elif isinstance(frame, LLMFullResponseEndFrame):
                # A turn is over; what was given before it is, too.
                self._given = [*(one for one in self._given[:i] if one.direction is not _DOWN), *self._given[i + 1 :]]
                if (first := self.chain.better()) is not None:
                    self._spawn(self._go_back(first))
            else:
                del self._given[i]
            return

    def _utterances(self) -> list[Utterance]:
        seen: dict[int, Utterance] = {}
        for given in self._given:
            if given.utterance is not None:
                seen.setdefault(id(given.utterance), given.utterance)
        return list(seen.values())

    def _of(self, context: str | None) -> Utterance | None:
        utterances = self._utterances()
        return next((utterance for utterance in utterances if utterance.context == context), None)

    async def fails(self, error: ErrorFrame) -> bool:
        """Take an error as that of the sentence being spoken."""
        if error.category is ErrorCategory.APPLICATION:
            return False
        failure = reported("tts", self.chain.provider, error)
        if failure.kind == "unknown" and error.exception is None:
            failure = self._soundless()
        if failure.permanent:
            self._broken = failure
        # Who has failed for good is replaced before the first sentence, which then does not have to wait for it.
        replaceable = failure.permanent and any(True for _ in self.chain.others())
        if replaceable or any(utterance.rest().strip() for utterance in self._utterances()):
            self._fail(failure)
        elif not self._failing:
            await self._care.tell(failure, "none")
        return False

    def _soundless(self) -> Failure:
        provider = self.chain.provider
        if self._asked_at is not None and (waited := time.monotonic() - self._asked_at) > _QUIET_SECS:
            return stalled("tts", provider, "no sound of a sentence", round(waited, 1))
        return malformed("tts", provider, "a sentence ended without sound")

    def again(self, *, same: bool) -> list[Again]:
        """What was not said, and what waits behind it."""
        self._failing = False
        self._broken = self._broken if same else None
        given, self._given, self._turn = self._given, [], None
        renewed: dict[int, Utterance] = {}
        for old in given:
            new = _Given(old.frame, old.direction, left=old.left)
            if isinstance(old.frame, LLMFullResponseStartFrame | LLMFullResponseEndFrame):
                self._note(new)
            elif old.utterance is not None:
                if id(old.utterance) in renewed:
                    continue
                rest = Utterance(old.utterance.rest())
                renewed[id(old.utterance)] = rest
                if not rest.text.strip():
                    continue
                new.frame, new.utterance = _saying(old.frame, rest.text), rest
                self._turn = rest if not isinstance(old.frame, TTSSpeakFrame) else self._turn
            self._given.append(new)
        # What cannot be interrupted a silenced voice still has; of what it had to say there is only this.
        return [
            Again(one.frame, one.direction, quietly=one.left)
            for one in self._given
            if not same or one.frame.interruptible or one.utterance is not None
        ]

    # -- time

    async def _asked(self, _service: TTSService, _context: str, _text: str) -> None:
        if self._asked_at is None and not self._failing and _service is self.chain.seat.service:
            self._asked_at = time.monotonic()
            self._timer = self._work(self._wait_for_sound())

    def _heard(self) -> None:
        self._asked_at = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _wait_for_sound(self) -> None:
        await asyncio.sleep(self._stall_secs)
        self._timer = None
        self._fail(stalled("tts", self.chain.provider, "no sound of a sentence", self._stall_secs))

    # -- recovery

    def _fail(self, failure: Failure) -> None:
        if not self._failing:
            self._failing = True
            self._heard()
            self.chain.failed(self.chain.seat.active, failure)
            self._spawn(self._recover(failure))

    async def _recover(self, failure: Failure) -> None:
        await self._lose(list(self._utterances()))
        to = await self._care.switch(self.chain, discard=True)
        if to is not None:
            await self._care.tell(failure, "switched", to)
        elif not failure.permanent and not self._retried:
            self._retried = True
            await self._care.tell(failure, "retried")
            await self.chain.seat.restart()
        else:
            self._retried = False
            await self._leave_unsaid(failure)

    async def _leave_unsaid(self, failure: Failure) -> None:
        unsaid = any(utterance.rest().strip() for utterance in self._utterances())
        self._given = [given for given in self._given if given.utterance is None]
        if unsaid:
            rate = self.chain.seat.processor_setup.audio_out_sample_rate
            await self.chain.seat.push_frame(OutputAudioRawFrame(error_tone(rate), rate, 1))
        await self.chain.seat.restart()
        await self._care.fall_silent(failure)

    async def _unsay(self, frame: Unsay) -> None:
        turn = self._turn or next((given.utterance for given in reversed(self._given) if _is_turn(given)), None)
        unsaid = turn is None or not (turn.sounds or self._failing)
        if unsaid and turn is not None:
            starts = [i for i, given in enumerate(self._given) if isinstance(given.frame, LLMFullResponseStartFrame)]
            del self._given[starts[-1] if starts else 0 :]
            await self._lose([turn])
            self._turn = None
            self._heard()
            await self.chain.seat.restart()
        if not frame.unsaid.done():
            frame.unsaid.set_result(unsaid)

    async def _lose(self, utterances: list[Utterance]) -> None:
        """Have the output forget what was announced and does not come from this voice."""
        for utterance in utterances:
            if utterance.context is not None:
                stopped = TTSStoppedFrame(context_id=utterance.context)
                stopped.metadata[VOICE_LOST] = True
                await self.chain.seat.push_frame(stopped)

    async def _go_back(self, key: str) -> None:
        try:
            await self.chain.seat.prepare(key)
            await self.chain.seat.switch(key)
        except NotSeated as e:
            logger.info("tts: {} cannot take over again: {}", key, e)
            self.chain.failed(key, malformed("tts", key, "not ready"))


def _is_spoken(frame: TextFrame) -> bool:
    return not isinstance(frame, TranscriptionFrame | InterimTranscriptionFrame) and not frame.skip_tts


def _is_turn(given: _Given) -> bool:
    return given.utterance is not None and not isinstance(given.frame, TTSSpeakFrame)


def _saying(frame: Frame, rest: str) -> Frame:
    if not isinstance(frame, TTSSpeakFrame):
        return LLMTextFrame(rest)
    said = TTSSpeakFrame(rest, append_to_context=frame.append_to_context, text_type=frame.text_type)
    said.interruptible = frame.interruptible
    return said
