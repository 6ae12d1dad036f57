"""The voice of a speech-to-speech model, in the form in which the link follows what is heard."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence

from loguru import logger
from pipecat.frames.frames import (
    AggregatedTextFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.text.base_text_aggregator import TextType

from pipecat_runner._agent import AgentConfig, FailureConfig, LlmConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._link.clock import ANNOUNCED, TEXT_BESIDE
from pipecat_runner._providers.llm import Llm, speaks
from pipecat_runner._providers.spoken import SpokenModel

#: Of both providers' models, in Hz.
SPOKEN_RATE = 24_000

_SENTENCE = re.compile(r".*?[.!?\u2026\u3002\uff01\uff1f]+[\"')\]]*(?:\s+|$)", re.DOTALL)


def is_spoken(agent: AgentConfig, team: Sequence[LlmConfig]) -> bool:
    """Whether an agent's model hears and speaks itself.

    Args:
        agent: Who has the call.
        team: The models of all members, where there is a team.

    Raises:
        BadConfiguration: It does and the agent has what it does not need, or settings that need a recogniser.
    """
    if any(speaks(llm) for llm in team):
        raise BadConfiguration(
            "agent.team: a member cannot have a model that hears and speaks itself; a call alone can"
        )
    if agent.llm is None or not speaks(agent.llm):
        return False
    name = agent.llm.type
    for part, given in (("stt", agent.stt), ("tts", agent.tts)):
        if given is not None:
            raise BadConfiguration(f"agent.{part}: leave it out, the model of {name} hears and speaks itself")
    if agent.turn.stop == "provider":
        raise BadConfiguration(
            "agent.turn.stop: provider needs a recogniser; with a speech-to-speech model write smart"
        )
    if agent.turn.barge_in == "words" or agent.turn.resume_after_backchannel:
        raise BadConfiguration(
            "agent.turn: barge_in: words and resume_after_backchannel need a recogniser, which hears words sooner than "
            f"{name} tells them; write barge_in: voice or off"
        )
    for at, fallback in enumerate(agent.llm.fallback):
        if not speaks(fallback):
            raise BadConfiguration(
                f"agent.llm.fallback[{at}].type: after {name} comes another model that hears and speaks, for instance "
                "gemini_live or openai_realtime"
            )
    return True


def prepared(llm: Llm, context: LLMContext, failure: FailureConfig) -> Llm:
    """Tell a speech-to-speech model what it has to know before it connects; any other is left as it is."""
    if isinstance(llm, SpokenModel):
        llm.apology = failure.sentence
        llm.begin(context)
    return llm


class ModelVoice(FrameProcessor):
    """Has the place of a voice in the pipeline.

    A model sends its audio, and what it says in pieces that run ahead of it. Here each answer becomes a context, and
    the pieces sentences that are announced and laid over its audio, as those of a voice that does not time its words.
    A sentence that no model made is given to the model to say.
    """

    def __init__(self, model: Callable[[], FrameProcessor]) -> None:
        """Take the place.

        Args:
            model: Who has the call.
        """
        super().__init__()
        self._model = model
        self._context: str | None = None
        self._text = ""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Give the model's speech its form; everything else passes."""
        await super().process_frame(frame, direction)
        if direction is not FrameDirection.DOWNSTREAM:
            await self.push_frame(frame, direction)
        elif isinstance(frame, InterruptionFrame):
            self._context, self._text = None, ""
            await self.push_frame(frame)
        elif isinstance(frame, TTSSpeakFrame):
            await self._have_said(frame.text)
        elif isinstance(frame, TTSStartedFrame | TTSStoppedFrame):
            # The answer's own end is the end of its audio and of its text; between two items of it neither ends.
            pass
        elif isinstance(frame, TTSAudioRawFrame):
            frame.context_id = await self._begun()
            await self.push_frame(frame)
        elif isinstance(frame, TTSTextFrame):
            self._text += frame.text
            await self._begun()
            while (sentence := _SENTENCE.match(self._text)) and sentence.end() < len(self._text):
                self._text = self._text[sentence.end() :]
                await self._say(sentence.group())
        elif isinstance(frame, LLMFullResponseEndFrame):
            await self._end()
            await self.push_frame(frame)
        else:
            await self.push_frame(frame)

    async def _have_said(self, text: str) -> None:
        model = self._model()
        if isinstance(model, SpokenModel) and model.is_usable:
            await model.speak(text)
        else:
            logger.warning("a sentence cannot be said: the model that would say it has failed for good")

    async def _begun(self) -> str:
        if self._context is None:
            self._context = str(uuid.uuid4())
            started = TTSStartedFrame(context_id=self._context)
            started.metadata[TEXT_BESIDE] = True
            await self.push_frame(started)
        return self._context

    async def _say(self, text: str) -> None:
        announced = AggregatedTextFrame(text.strip(), TextType.SENTENCE, context_id=self._context)
        announced.will_be_spoken = True
        announced.append_to_context = False
        spoken = TTSTextFrame(announced.text, TextType.SENTENCE, context_id=self._context, segment_id=announced.id)
        spoken.will_be_spoken = True
        # Where it begins in the audio is known when it has been said; until then nothing is announced.
        spoken.metadata[ANNOUNCED] = announced
        await self.push_frame(spoken)

    async def _end(self) -> None:
        if self._context is None:
            return
        if self._text.strip():
            await self._say(self._text)
        context, self._context, self._text = self._context, None, ""
        await self.push_frame(TTSStoppedFrame(context_id=context))
