"""The services of an agent: model, recogniser and voice, each with those who stand in for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakSet

from pipecat.processors.frame_processor import FrameProcessor

from pipecat_runner._agent import LlmConfig, ProviderConfig, SttConfig, TtsConfig
from pipecat_runner._parts.care import Care, Chain
from pipecat_runner._parts.failures import Part
from pipecat_runner._parts.llm_care import LlmCare
from pipecat_runner._parts.seat import Seat
from pipecat_runner._parts.stt_care import SttCare
from pipecat_runner._parts.tts_care import TtsCare
from pipecat_runner._parts.watch import Watch
from pipecat_runner._providers.llm import PROVIDERS as MODELS
from pipecat_runner._providers.llm import Llm, build_llm
from pipecat_runner._providers.stt import PROVIDERS as RECOGNISERS
from pipecat_runner._providers.stt import Ears, build_stt
from pipecat_runner._providers.table import prepare
from pipecat_runner._providers.tts import PROVIDERS as VOICES
from pipecat_runner._providers.tts import build_tts
from pipecat_runner._speech.local import LocalSpeech

C = TypeVar("C", bound=ProviderConfig)


class Services:
    """Makes the seats of a call. Each is made at most once; everything blocks while models load.

    What would keep a stand-in from taking over is refused here, though it is made only when it is needed.

    Attributes:
        ears: The first recogniser, and what it can do.
        rate: Of the first voice, in Hz: the call's.
    """

    def __init__(self, care: Care, speech: LocalSpeech, prepared: Callable[[Llm], Llm] = lambda model: model) -> None:
        """Prepare.

        Args:
            care: Looks after what is made.
            speech: The models of this machine.
            prepared: Tells a language model what it has to know before it starts; returns it.
        """
        self._prepared = prepared
        self._care = care
        self._speech = speech
        self.ears: Ears | None = None
        self.rate: int | None = None
        self._voices: TtsCare | None = None
        self._turning: WeakSet[FrameProcessor] = WeakSet()

    def model(self, config: LlmConfig) -> Seat:
        """The language models.

        Args:
            config: The first choice; its instruction is everybody's.

        Raises:
            BadConfiguration: One of them cannot be made.
        """
        fallback = [entry.model_copy(update={"instruction": config.instruction}) for entry in config.fallback]
        for i, entry in enumerate(fallback):
            prepare(MODELS, f"agent.llm.fallback[{i}]", entry)
        watch = LlmCare(self._care, stall_secs=config.stall_secs)
        chain = _chain("llm", [config, *fallback], self.make_model, watch)
        watch.follow(chain)
        return chain.seat

    def recogniser(self, config: SttConfig) -> Seat:
        """The recognisers.

        Raises:
            BadConfiguration: One of them cannot be made.
        """
        for i, entry in enumerate(config.fallback):
            prepare(RECOGNISERS, f"agent.stt.fallback[{i}]", entry)
        watch = SttCare(self._care, stall_secs=config.stall_secs)
        chain = _chain("stt", [config, *config.fallback], self.make_ears, watch)
        watch.follow(chain)
        return chain.seat

    def voice(self, config: TtsConfig) -> Seat:
        """The voices.

        Raises:
            BadConfiguration: One of them cannot be made.
        """
        for i, entry in enumerate(config.fallback):
            prepare(VOICES, f"agent.tts.fallback[{i}]", entry)

        watch = TtsCare(self._care, stall_secs=config.stall_secs)
        self._voices = watch
        chain = _chain("tts", [config, *config.fallback], self.make_voice, watch)
        watch.follow(chain)
        return chain.seat

    # -- one service

    def make_model(self, config: LlmConfig) -> FrameProcessor:
        """A language model."""
        return self._prepared(build_llm(config, self._speech))

    def make_ears(self, config: SttConfig) -> FrameProcessor:
        """A recogniser."""
        ears = build_stt(config, self._speech)
        self.ears = self.ears or ears
        if ears.does_turns:
            self._turning.add(ears.service)
        return ears.service

    def make_voice(self, config: TtsConfig) -> FrameProcessor:
        """A voice."""
        voice = build_tts(config, self._speech, rate=self.rate)
        self.rate = self.rate or voice.rate
        return self._voices.hear(voice.service) if self._voices is not None else voice.service

    def knows_turns(self, service: FrameProcessor) -> bool:
        """Whether a recogniser tells by itself when the caller's turn begins and ends."""
        return service in self._turning


def keys_of(configs: Sequence[ProviderConfig]) -> list[str]:
    """The keys in a seat of a first choice and of those that stand in for it."""
    return [f"{config.type}-{i}" if i else config.type for i, config in enumerate(configs)]


def _chain(part: Part, configs: Sequence[C], build: Callable[[C], FrameProcessor], watch: Watch) -> Chain:
    keys = keys_of(configs)
    seat = Seat(part, keys[0], lambda: build(configs[0]), watch=watch)
    for key, config in zip(keys[1:], configs[1:], strict=True):
        seat.offer(key, lambda config=config: build(config))  # type: ignore[misc]
    return Chain(part, seat, [(key, config.type) for key, config in zip(keys, configs, strict=True)])
