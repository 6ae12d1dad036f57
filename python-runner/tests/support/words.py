"""A language model and voices whose words can be recognised: word i of a reply has sample value 1000 (i + 1)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator

from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import TTSSettings

from pipecat_runner._bots.base import Bot
from pipecat_runner._link.clock import StreamClock
from pipecat_runner._link.link import Link
from tests.support.peer import FRAME_MS

RATE = 16_000
STEP = 1000
LONG = (
    "The weather is mild today. This is sentence number one of a long answer. Tomorrow brings heavy rain with thunder, "
    "so take an umbrella. The weekend looks bright and sunny again."
)
STORY = "The weather is mild today. Tomorrow brings heavy rain."
SHORT = "Okay then. Goodbye my friend."


def word_ms(word: str) -> int:
    """How long a word sounds."""
    return 60 * len(word) + 40


def heard_ms_by_word(heard: list[bytes | None]) -> dict[int, int]:
    """Milliseconds heard of each word, from 10 ms samples of the frames."""
    ms: dict[int, int] = {}
    for frame in heard:
        for offset in (0, len(frame) // 2) if frame else ():
            value = struct.unpack_from("<h", frame or b"", offset)[0]
            if value:
                ms[value // STEP - 1] = ms.get(value // STEP - 1, 0) + FRAME_MS // 2
    return ms


def words_heard(heard: list[bytes | None], reply: str) -> int:
    """How many words of a reply were heard, at least half of each."""
    ms = heard_ms_by_word(heard)
    return sum(ms.get(i, 0) >= word_ms(word) / 2 for i, word in enumerate(reply.split()))


class ScriptedLLM(FrameProcessor):
    """Answers ``long`` with the long reply, ``story`` with the story and everything else with the short one."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame) and direction is FrameDirection.DOWNSTREAM:
            last = frame.context.get_messages()[-1]
            asked = str(last.get("content")) if isinstance(last, dict) else ""
            await self.push_frame(LLMFullResponseStartFrame())
            for word in (LONG if "long" in asked else STORY if "story" in asked else SHORT).split(" "):
                await self.push_frame(LLMTextFrame(word + " "))
            await self.push_frame(LLMFullResponseEndFrame())
        else:
            await self.push_frame(frame, direction)


class SentenceVoice(StreamClock):
    """Delivers a sentence's audio and then its text, ``speed`` times faster than real time; no word times."""

    word_times = False

    def __init__(self, speed: float = 10.0, rate: int = RATE) -> None:
        super().__init__(
            push_text_frames=not self.word_times,
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=rate,
            settings=TTSSettings(model=None, voice=None, language=None),
        )
        self._speed = speed
        self._index = 0
        self._said_secs: dict[str, float] = {}

    def can_generate_metrics(self) -> bool:
        return True

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, LLMFullResponseStartFrame):
            self._index = 0
        await super().process_frame(frame, direction)

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        async for frame in self.synthesize(text, context_id):
            yield frame

    async def synthesize(self, text: str, context_id: str) -> AsyncGenerator[TTSAudioRawFrame, None]:
        """The audio of a text, word by word."""
        for word in text.split():
            ms = word_ms(word)
            await asyncio.sleep(ms / 1000 / self._speed)
            self._index += 1
            if self.word_times:
                said = self._said_secs.get(context_id, 0.0)
                await self.add_word_timestamps([(word, said)], context_id)
                self._said_secs[context_id] = said + ms / 1000
            sample = struct.pack("<h", STEP * self._index)
            yield TTSAudioRawFrame(sample * (ms * RATE // 1000), RATE, 1, context_id=context_id)


class TimedVoice(SentenceVoice):
    """Tells the time of each word."""

    word_times = True


class TextFirstVoice(SentenceVoice):
    """Like a WebSocket service without word times: takes the text at once, the audio comes later."""

    def __init__(self, speed: float = 10.0) -> None:
        super().__init__(speed)
        self._texts: asyncio.Queue[tuple[str | None, str]] = asyncio.Queue()
        self._speaker: asyncio.Task[None] | None = None

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        if self._speaker is None:
            self._speaker = self.create_task(self._speak())
        self._texts.put_nowait((text, context_id))
        yield None

    async def flush_audio(self, context_id: str | None = None) -> None:
        if context_id is not None:
            self._texts.put_nowait((None, context_id))

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        await self._silence()

    async def cleanup(self) -> None:
        await super().cleanup()
        await self._silence()

    async def _silence(self) -> None:
        if self._speaker is not None:
            await self.cancel_task(self._speaker)
            self._speaker = None
            self._texts = asyncio.Queue()

    async def _speak(self) -> None:
        while True:
            text, context_id = await self._texts.get()
            if text is None:
                await self.append_to_audio_context(context_id, TTSStoppedFrame(context_id=context_id))
                await self.remove_audio_context(context_id)
            else:
                async for frame in self.synthesize(text, context_id):
                    await self.append_to_audio_context(context_id, frame)


class WordsBot(Bot):
    """An assistant of these parts; ``context`` is what it believes was said."""

    out_rate = RATE

    def __init__(self, voice: SentenceVoice) -> None:
        self.context = LLMContext()
        self._voice = voice

    def processors(self, link: Link) -> list[FrameProcessor]:
        pair = LLMContextAggregatorPair(self.context)
        return [link.input, pair.user(), ScriptedLLM(), self._voice, link.output, pair.assistant(), link.barrier]

    def spoken(self) -> list[str]:
        """The bot's turns in the context."""
        messages = [message for message in self.context.get_messages() if isinstance(message, dict)]
        return [str(message.get("content")) for message in messages if message.get("role") == "assistant"]
