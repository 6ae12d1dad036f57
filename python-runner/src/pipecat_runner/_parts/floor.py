"""Who has the floor: when the caller's turn begins, and what it takes to interrupt the bot."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Iterable
from typing import Protocol

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InterimTranscriptionFrame,
    LLMContextAssistantTurnFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_start import BaseUserTurnStartStrategy
from pipecat.turns.user_stop import BaseUserTurnStopStrategy

from pipecat_runner._agent import TurnConfig
from pipecat_runner._parts.keys import KeysFrame, KeysSoFar

# After the caller fell silent: no transcript within this time means that it was no speech.
_NO_SPEECH_SECS = 2.0
# The same when a backchannel was understood before the voice had ended: not much more can come.
_NO_MORE_SECS = 0.5
# A voice that goes on for longer than this says more than "mhm".
_BACKCHANNEL_SECS = 1.5
# A pause ends after this long, whatever goes on in the caller's room.
_PAUSE_SECS = 10.0
# What was heard of an interrupted answer is in the context after some 10 ms; the caller's words wait this long for it.
_SETTLED_SECS = 0.5
# A backchannel this shortly before the bot's last word answers it.
_ANSWER_SECS = 1.5

_NOT_A_WORD = re.compile(r"[^\w\s']|_")


class Playout(Protocol):
    """What can stop the bot's voice without losing what it was saying."""

    async def pause(self) -> bool:
        """Fall silent; False when there is nothing to silence or an interruption is under way."""

    async def resume(self) -> None:
        """Go on from where it stopped; nothing when it is not paused."""


class Floor(BaseUserTurnStartStrategy):
    """Begins the caller's turn.

    While the bot is silent a voice or a transcript begins it. While it speaks that depends on ``barge_in``; what the
    caller says without interrupting is kept, and answered when the bot has finished. Belongs to the event loop.
    """

    def __init__(self, turn: TurnConfig, *, by_voice: bool = False) -> None:
        """Follow a configuration.

        Args:
            turn: It.
            by_voice: Whether only the voice counts: a model that listens itself tells words when it answers them.
        """
        super().__init__()
        self._turn = turn
        self._by_voice = by_voice
        self._provider = turn.stop == "provider"
        self._backchannels = {_plain(text) for text in turn.backchannels}
        self._longest = max((len(text.split()) for text in self._backchannels), default=0)
        self._playout: Playout | None = None
        self._paused = False
        self._said: list[str] = []
        self._said_at = 0.0
        self._timer: asyncio.Task[None] | None = None
        self.bot_speaks = False
        """Whether the bot is being heard."""
        self.voice = False
        """Whether the caller's voice is heard."""
        self.silent_since = 0.0
        """Since when it is not, on the monotonic clock."""

    def become(self, turn: TurnConfig) -> None:
        """Follow another configuration; who speaks at the moment is known still."""
        self._turn = turn
        self._provider = turn.stop == "provider"
        self._backchannels = {_plain(text) for text in turn.backchannels}
        self._longest = max((len(text.split()) for text in self._backchannels), default=0)

    def follow(self, playout: Playout) -> None:
        """Name what is paused."""
        self._playout = playout

    @property
    def resolves_proposed_turn_start_frames(self) -> bool:
        """Whether a recogniser that knows turns is asked."""
        return self._provider

    async def handle_user_turn_started(self) -> None:
        """Forget what led to this turn."""
        self._said.clear()
        self._paused = False
        await self._disarm()

    async def cleanup(self) -> None:
        """End the timer."""
        await super().cleanup()
        await self._disarm()

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        """Follow voices and transcripts; STOP when the caller's turn has begun."""
        match frame:
            case BotStartedSpeakingFrame():
                self.bot_speaks = True
            case BotStoppedSpeakingFrame():
                self.bot_speaks = False
                return await self._bot_finished()
            case VADUserStartedSpeakingFrame() if not self._provider:
                return await self._voice_began()
            case ProposedUserStartedSpeakingFrame() if self._provider:
                return await self._voice_began()
            case VADUserStoppedSpeakingFrame() if not self._provider:
                await self._voice_ended(frame.stop_secs)
            case ProposedUserStoppedSpeakingFrame() if self._provider:
                await self._voice_ended(0.0)
            case TranscriptionFrame() | InterimTranscriptionFrame() if frame.text.strip() and not self._by_voice:
                return await self._heard(frame)
        return ProcessFrameResult.CONTINUE

    async def _voice_began(self) -> ProcessFrameResult:
        self.voice = True
        if not self.bot_speaks or (self._turn.barge_in == "voice" and not self._pauses):
            return await self._begin()
        if self._pauses and (self._paused or await self._pause()):
            self._arm(_BACKCHANNEL_SECS)
        return ProcessFrameResult.CONTINUE

    async def _voice_ended(self, ago: float) -> None:
        self.voice = False
        self.silent_since = time.monotonic() - ago
        if self._paused:
            self._arm(_NO_MORE_SECS if self._said else _NO_SPEECH_SECS)

    async def _heard(self, frame: TranscriptionFrame | InterimTranscriptionFrame) -> ProcessFrameResult:
        if not self.bot_speaks:
            return await self._begin()
        words = " ".join([*self._said, frame.text])
        final = isinstance(frame, TranscriptionFrame)
        if final:
            self._said.append(frame.text)
            self._said_at = time.monotonic()
        if self._interrupts_by_keys(frame) or self._interrupts(words, final=final):
            return await self._begin()
        if final and self._paused and not self.voice:
            await self._resume()
        return ProcessFrameResult.CONTINUE

    def _interrupts_by_keys(self, frame: Frame) -> bool:
        # Nobody presses a key as a backchannel: the first interrupts like a voice, all together like enough words.
        if self._turn.barge_in == "voice":
            return isinstance(frame, KeysSoFar | KeysFrame)
        return self._turn.barge_in == "words" and isinstance(frame, KeysFrame)

    def _interrupts(self, words: str, *, final: bool) -> bool:
        count = len(words.split())
        if self._turn.barge_in == "off":
            return False
        if self._turn.barge_in == "words":
            return count >= self._turn.barge_in_words
        # Half a backchannel is not in the list yet, more words than any of them never will be.
        return not self._pauses or (not self._is_backchannel(words) if final else count > self._longest)

    async def _bot_finished(self) -> ProcessFrameResult:
        self._paused = False
        await self._disarm()
        if self.voice:
            return await self._begin(interrupting=False)
        if not self._said:
            return ProcessFrameResult.CONTINUE
        answers = time.monotonic() - self._said_at < _ANSWER_SECS
        if answers or not self._is_backchannel(" ".join(self._said)):
            return await self._begin(interrupting=False)
        self._said.clear()
        await self.trigger_reset_aggregation()
        return ProcessFrameResult.CONTINUE

    async def _begin(self, *, interrupting: bool = True) -> ProcessFrameResult:
        await self.trigger_user_turn_started(enable_interruptions=interrupting)
        return ProcessFrameResult.STOP

    # -- the pause

    @property
    def _pauses(self) -> bool:
        return self._turn.resume_after_backchannel and self._turn.barge_in != "off" and self._playout is not None

    async def _pause(self) -> bool:
        self._paused = self._playout is not None and await self._playout.pause()
        return self._paused

    async def _resume(self) -> None:
        self._paused = False
        await self._disarm()
        if self._is_backchannel(" ".join(self._said)):
            self._said.clear()
            await self.trigger_reset_aggregation()
        if self._playout is not None:
            await self._playout.resume()

    def _arm(self, secs: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.create_task(self._decide_after(secs))

    async def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer is not asyncio.current_task():
            await self.cancel_task(timer)

    async def _decide_after(self, secs: float) -> None:
        await asyncio.sleep(secs)
        if self._paused and self.voice and self._turn.barge_in == "words":
            await asyncio.sleep(_PAUSE_SECS - secs)
        elif self._paused and self.voice:
            await self._begin()
        if self._paused:
            await self._resume()

    def _is_backchannel(self, words: str) -> bool:
        return _only(_plain(words).split(), self._backchannels)


class SaidBefore(BaseUserTurnStopStrategy):
    """Ends a turn that began when its words had been said already, and so without waiting for them.

    That is what a recogniser hears only after the voice has ended, and what was said while the bot spoke on. The other
    strategies count from the turn's beginning, which is too late by then. Complete keys end a turn at once, unless the
    caller speaks as well: then they are part of what is being said.
    """

    def __init__(self, floor: Floor, turn: TurnConfig) -> None:
        """Follow a floor.

        Args:
            floor: Knows how long the caller has been silent.
            turn: Says how long that must be.
        """
        super().__init__()
        self._floor = floor
        self._silence_secs = turn.silence_secs
        self._began = False
        self._speech_to_come = False
        self._settled = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None

    async def handle_user_turn_started(self) -> None:
        """Look at what began it."""
        self._began = True
        self._settled.clear()

    async def handle_user_turn_stopped(self) -> None:
        """Forget the turn."""
        self._began = False
        self._speech_to_come = False
        await self._disarm()

    async def cleanup(self) -> None:
        """End the timer."""
        await super().cleanup()
        await self._disarm()

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        """End the turn, or wait until the caller has been silent for long enough."""
        if isinstance(frame, VADUserStartedSpeakingFrame | ProposedUserStartedSpeakingFrame):
            self._speech_to_come = True
            await self._disarm()
        elif isinstance(frame, LLMContextAssistantTurnFrame):
            self._settled.set()
        elif isinstance(frame, KeysFrame):
            if not self._speech_to_come:
                await self._end_in(0.0)
        elif isinstance(frame, TranscriptionFrame):
            self._speech_to_come = self._floor.voice
            if self._began and not self._floor.voice:
                await self._end_in(self._silence_secs - self._silent())
        elif self._began and not self._floor.voice and isinstance(frame, BotStoppedSpeakingFrame):
            await self._end_in(self._silence_secs - self._silent())
        # The frame that begins a turn comes here directly after it has.
        self._began = False
        return ProcessFrameResult.CONTINUE

    def _silent(self) -> float:
        return time.monotonic() - self._floor.silent_since

    async def _end_in(self, secs: float) -> None:
        await self._disarm()
        interrupting = self._began and self._floor.bot_speaks
        self._timer = self.create_task(self._end_after(max(0.0, secs), interrupting))

    async def _end_after(self, secs: float, interrupting: bool) -> None:
        await asyncio.sleep(secs)
        if interrupting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SETTLED_SECS):
                    await self._settled.wait()
        self._timer = None
        await self.trigger_user_turn_stopped()

    async def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer is not asyncio.current_task():
            await self.cancel_task(timer)


def _plain(text: str) -> str:
    return " ".join(_NOT_A_WORD.sub(" ", text.lower()).split())


def _only(words: list[str], phrases: Iterable[str]) -> bool:
    """Whether words are nothing but phrases, any number of them."""
    split = [phrase.split() for phrase in phrases if phrase]
    at = {0}
    for start in range(len(words)):
        if start in at:
            at |= {start + len(phrase) for phrase in split if words[start : start + len(phrase)] == phrase}
    return len(words) in at and bool(words)
