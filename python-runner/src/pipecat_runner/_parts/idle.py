"""A caller who says nothing is reminded, and at last bidden goodbye."""

from __future__ import annotations

import asyncio

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallResultFrame,
    FunctionCallsStartedFrame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    LLMContextAssistantTurnFrame,
    LLMMessagesAppendFrame,
    StartFrame,
    TranscriptionFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from pipecat_runner._agent import IdleConfig
from pipecat_runner._parts.call_end import CallEnd, Ending
from pipecat_runner._parts.say import saying

_UP = FrameDirection.UPSTREAM

# More than the model and the voice need for a first word. Who waits for that is not idle.
_ANSWER_SECS = 15.0

_BOT, _VOICE, _TURN = "bot speaks", "voice is heard", "caller's turn"
_ACTIVITIES: dict[type[Frame], tuple[str, bool]] = {
    BotStartedSpeakingFrame: (_BOT, True),
    BotStoppedSpeakingFrame: (_BOT, False),
    VADUserStartedSpeakingFrame: (_VOICE, True),
    VADUserStoppedSpeakingFrame: (_VOICE, False),
    UserStartedSpeakingFrame: (_TURN, True),
    UserStoppedSpeakingFrame: (_TURN, False),
}


class Idle(FrameProcessor):
    """Counts the silence after the bot's last heard word, in front of what collects the caller's words.

    It does not count while the bot or the caller speaks or a tool runs. Words, keys and messages of the caller begin
    the reminders anew; a noise does not.
    """

    def __init__(self, idle: IdleConfig, call_end: CallEnd, *, spoken: bool, caller_begins: bool) -> None:
        """Follow a configuration.

        Args:
            idle: How long, and what is said.
            call_end: Ends the call after the goodbye.
            spoken: Whether the bot has a voice.
            caller_begins: Whether the bot waits for the caller's first word, and so for a caller.
        """
        super().__init__(enable_direct_mode=True)
        self._idle = idle
        self._call_end = call_end
        self._spoken = spoken
        self._caller_begins = caller_begins
        self._said = 0
        self._leaving = False
        self._understood = False
        self._active: frozenset[str] = frozenset()
        self._timer: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass everything, and look at what tells of somebody speaking."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            if self._caller_begins:
                self._caller_begins = False
                await self._wait(self._idle.after_secs)
        elif direction is _UP:
            await self._follow(frame)
        elif isinstance(frame, TranscriptionFrame | InterimTranscriptionFrame | LLMMessagesAppendFrame):
            await self._hear(frame)
        elif isinstance(frame, EndFrame):
            await self._disarm()
        elif isinstance(frame, StartFrame) and self._caller_begins and not self._spoken:
            self._caller_begins = False
            await self._wait(self._idle.after_secs)

    async def cleanup(self) -> None:
        """End the timer."""
        await super().cleanup()
        await self._disarm()

    async def _hear(self, frame: Frame) -> None:
        self._said = 0
        self._leaving = False
        if isinstance(frame, LLMMessagesAppendFrame):
            await self._wait(_ANSWER_SECS if frame.run_llm else self._idle.after_secs)
        else:
            self._understood = True

    async def _follow(self, frame: Frame) -> None:
        activity, goes_on = _ACTIVITIES.get(type(frame), ("", False))
        if activity:
            self._active = self._active | {activity} if goes_on else self._active - {activity}
        if isinstance(frame, FunctionCallsStartedFrame):
            self._active |= {call.tool_call_id for call in frame.function_calls}
        elif isinstance(frame, FunctionCallResultFrame | FunctionCallCancelFrame):
            await self._returned(frame)
        elif isinstance(frame, BotStoppedSpeakingFrame | LLMContextAssistantTurnFrame):
            await self._answered()
        elif isinstance(frame, UserStoppedSpeakingFrame):
            await self._wait(_ANSWER_SECS if self._understood else self._idle.after_secs)
            self._understood = False
        if activity in (_VOICE, _TURN) and goes_on:
            self._leaving = False
        if self._active:
            await self._disarm()

    async def _returned(self, frame: FunctionCallResultFrame | FunctionCallCancelFrame) -> None:
        properties = frame.properties if isinstance(frame, FunctionCallResultFrame) else None
        if properties is None or properties.is_final:
            self._active -= {frame.tool_call_id}
            await self._wait(_ANSWER_SECS)

    async def _answered(self) -> None:
        if self._leaving and not self._active:
            await self._leave()
        else:
            await self._wait(self._idle.after_secs)

    async def _wait(self, secs: float) -> None:
        """Count from now on, unless somebody is active."""
        await self._disarm()
        if not self._active:
            self._timer = self.create_task(self._speak_after(max(secs, self._idle.after_secs)), "idle")

    async def _speak_after(self, secs: float) -> None:
        await asyncio.sleep(secs)
        self._timer = None
        if self._leaving:
            # The goodbye cannot be heard; it has been waited for.
            await self._leave()
            return
        text = self._idle.goodbye
        if self._said < len(self._idle.reminders):
            text = self._idle.reminders[self._said]
            self._said += 1
        elif text:
            self._leaving = True
        if text:
            await self._wait(_ANSWER_SECS)
            for frame in saying(text, spoken=self._spoken):
                await self.push_frame(frame)

    async def _leave(self) -> None:
        await self._disarm()
        await self._call_end.end(self.pipeline_worker, Ending("idle", "the caller did not answer"))

    async def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer is not asyncio.current_task():
            await self.cancel_task(timer)
