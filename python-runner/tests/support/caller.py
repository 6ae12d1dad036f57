"""A caller whose voice and words are told instead of recognised, and an assistant that takes turns with them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from pipecat.frames.frames import (
    Frame,
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.stt_service import STTService
from pipecat.utils.time import time_now_iso8601

from pipecat_runner._agent import DtmfConfig, IdleConfig, TurnConfig, VadConfig
from pipecat_runner._link.link import Link
from pipecat_runner._parts.call_end import CallEnd, Ending
from pipecat_runner._parts.idle import Idle
from pipecat_runner._parts.keys import Keys
from pipecat_runner._parts.turns import Turns
from pipecat_runner._providers.stt import Ears
from tests.support.words import ScriptedLLM, SentenceVoice, WordsBot


class Caller(FrameProcessor):
    """Stands where the recogniser stands. Methods may be called from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self._loop = asyncio.get_running_loop()
        await self.push_frame(frame, direction)

    def starts(self, *, proposed: bool = False) -> None:
        """The voice begins."""
        self._push(ProposedUserStartedSpeakingFrame() if proposed else VADUserStartedSpeakingFrame(start_secs=0.2))

    def stops(self, *, proposed: bool = False) -> None:
        """The voice ends."""
        self._push(ProposedUserStoppedSpeakingFrame() if proposed else VADUserStoppedSpeakingFrame(stop_secs=0.2))

    def hears_so_far(self, text: str) -> None:
        """The recogniser guesses."""
        self._push(InterimTranscriptionFrame(text, "", time_now_iso8601()))

    def is_understood(self, text: str) -> None:
        """The recogniser is sure."""
        self._push(TranscriptionFrame(text, "", time_now_iso8601(), finalized=True))

    def says(self, text: str) -> None:
        """A short utterance, understood when it is over."""
        self.starts()
        self.stops()
        self.is_understood(text)

    def _push(self, frame: Frame) -> None:
        assert self._loop is not None, "the pipeline has not started"
        asyncio.run_coroutine_threadsafe(self.push_frame(frame), self._loop).result(10)


class TalkingBot(WordsBot):
    """A words bot that takes turns as an agent would."""

    def __init__(
        self, voice: SentenceVoice, idle: IdleConfig | None = None, vad: VadConfig | None = None, **turn: Any
    ) -> None:
        """Create a bot.

        Args:
            voice: Speaks.
            idle: What a silent caller hears.
            vad: Whether and how the caller's audio is listened to; otherwise only ``caller`` tells of a voice.
            turn: Keys of ``turn``.
        """
        super().__init__(voice)
        self.caller = Caller()
        self._dtmf = DtmfConfig(timeout_secs=0.5)
        config = TurnConfig(**{"stop": "silence", "silence_secs": 0.2, **turn})
        knows_turns = config.stop == "provider"
        ears = self.deaf_ears(does_turns=knows_turns) if vad is not None or knows_turns else None
        self._turns = Turns(config, vad or VadConfig(), ears=ears)
        self._idle = idle or IdleConfig()
        self._call_end = CallEnd()

    @staticmethod
    def deaf_ears(*, does_turns: bool = False) -> Ears:
        """Ears for turn-taking, whose words come from ``caller``."""
        return Ears(cast(STTService, None), does_turns=does_turns)

    @property
    def ending(self) -> Ending:
        return self._call_end.ending

    def processors(self, link: Link) -> list[FrameProcessor]:
        self._turns.follow(link.output)
        pair = LLMContextAggregatorPair(self.context, user_params=self._turns.params())
        voice = self._voice
        ears: list[FrameProcessor] = [self.caller, Keys(self._dtmf)]
        if self._idle.after_secs:
            self._call_end.follow(link.output)
            ears.append(Idle(self._idle, self._call_end, spoken=True, caller_begins=False))
        return [link.input, *ears, pair.user(), ScriptedLLM(), voice, link.output, pair.assistant(), link.barrier]

    def conversation(self) -> list[tuple[str, str]]:
        """Who said what, as the model has it."""
        messages = [message for message in self.context.get_messages() if isinstance(message, dict)]
        return [(str(message["role"]), str(message.get("content"))) for message in messages]
