"""Listens, thinks, speaks: speech recognition, a language model, tools, a voice. Without ears and voice it writes."""

from __future__ import annotations

from typing import Any

from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMRunFrame,
    LLMTextFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.turns.user_start import TranscriptionUserTurnStartStrategy
from pipecat.turns.user_stop import (
    BaseUserTurnStopStrategy,
    SpeechTimeoutUserTurnStopStrategy,
    TurnAnalyzerUserTurnStopStrategy,
)
from pipecat.turns.user_turn_strategies import UserTurnStrategies

from pipecat_runner._agent import TurnConfig, VadConfig
from pipecat_runner._bots.base import Bot
from pipecat_runner._bots.tools import Tools
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._link.link import Link
from pipecat_runner._parts.call_end import LAST_WORDS_SECS, CallEnd, Ending
from pipecat_runner._platform import conversation
from pipecat_runner._providers.llm import build_llm
from pipecat_runner._providers.stt import build_stt
from pipecat_runner._providers.tts import build_tts
from pipecat_runner._schema import RunRequest
from pipecat_runner._speech.local import LocalSpeech

# The wire's rate when nothing is spoken on it.
_TEXT_ONLY_RATE = 16_000


class AssistantBot(Bot):
    """A conversation."""

    def __init__(self, request: RunRequest, speech: LocalSpeech, *, last_words_secs: float = LAST_WORDS_SECS) -> None:
        """Make the services. Blocks while models load.

        Args:
            request: What the daemon asks for.
            speech: The models of this machine.
            last_words_secs: From the end's decision until the call ends although its last words were not heard.

        Raises:
            BadConfiguration: One of them cannot be made.
        """
        agent = request.agent
        if agent.llm is None:
            raise BadConfiguration("agent.llm: an assistant needs a language model")
        self.call_end = CallEnd(last_words_secs=last_words_secs)
        self._tools = Tools(request.tools, request.link, self.call_end)
        instructions = [agent.prompt or "", *(m.content for m in request.llm_messages if m.role == "system")]
        instruction = "\n\n".join(part for part in instructions if part)
        self._llm = build_llm(agent.llm.model_copy(update={"instruction": instruction or None}), speech)
        self._ears = build_stt(agent.stt, speech) if agent.stt is not None else None
        self._voice = build_tts(agent.tts, speech) if agent.tts is not None else None
        self._greeting = agent.greeting
        self._speaks_first = agent.speaks_first
        self.out_rate = self._voice.rate if self._voice is not None else _TEXT_ONLY_RATE
        self._tools.register(self._llm)
        messages: list[Any] = conversation([m for m in request.llm_messages if m.role != "system"])
        tools = self._tools.schema()
        self.context = LLMContext(messages, tools) if tools is not None else LLMContext(messages)
        self._aggregators = LLMContextAggregatorPair(
            self.context,
            user_params=_listening(agent.vad, agent.turn) if self._ears is not None else _reading(agent.turn),
        )

    @property
    def ending(self) -> Ending:
        """As decided by whoever ended the call."""
        return self.call_end.ending

    def processors(self, link: Link) -> list[FrameProcessor]:
        """Caller to caller, through whatever parts the agent has."""
        self.call_end.follow(link.output)
        parts: list[FrameProcessor | None] = [
            link.input,
            self._ears.service if self._ears is not None else None,
            self._aggregators.user(),
            self._llm,
            self._voice.service if self._voice is not None else None,
            link.output,
            self._aggregators.assistant(),
            link.barrier,
        ]
        return [part for part in parts if part is not None]

    async def started(self, worker: PipelineWorker) -> None:
        """Greet, or let the model begin. What is said becomes part of the conversation, as far as it is heard."""
        if self._greeting is None:
            if self._speaks_first:
                await worker.queue_frames([LLMRunFrame()])
            return
        greeting: list[Frame] = [TTSSpeakFrame(self._greeting)]
        if self._voice is None:
            greeting = [LLMFullResponseStartFrame(), LLMTextFrame(self._greeting), LLMFullResponseEndFrame()]
        await worker.queue_frames(greeting)

    async def closed(self) -> None:
        """Close the connections of the tools."""
        await self.call_end.close()
        await self._tools.close()


def _listening(vad: VadConfig, turn: TurnConfig) -> LLMUserAggregatorParams:
    stop: BaseUserTurnStopStrategy
    if turn.stop == "smart":
        stop = TurnAnalyzerUserTurnStopStrategy(turn_analyzer=LocalSmartTurnAnalyzerV3())
    else:
        stop = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=turn.silence_secs)
    return LLMUserAggregatorParams(
        vad_analyzer=SileroVADAnalyzer(params=VADParams(**vad.model_dump(exclude_none=True))),
        user_turn_strategies=UserTurnStrategies(stop=[stop]),
        user_turn_stop_timeout=turn.stop_timeout_secs,
    )


def _reading(turn: TurnConfig) -> LLMUserAggregatorParams:
    # Nobody is heard, so nothing needs a voice activity detector; a transcription of the daemon's still is a turn.
    return LLMUserAggregatorParams(
        user_turn_strategies=UserTurnStrategies(
            start=[TranscriptionUserTurnStartStrategy()],
            stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=turn.silence_secs)],
        ),
        user_turn_stop_timeout=turn.stop_timeout_secs,
    )
