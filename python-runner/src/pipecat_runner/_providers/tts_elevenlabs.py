"""ElevenLabs: word times over one WebSocket with several contexts."""

from __future__ import annotations

from typing import Any

from pipecat.services.elevenlabs.tts import ElevenLabsTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.speaker import SocketSpeaker
from pipecat_runner._providers.tts_options import ElevenLabsOptions, read_options
from pipecat_runner._providers.voices import choose_voice


class ElevenLabsVoice(SocketSpeaker, ElevenLabsTTSService):
    """A voice of ElevenLabs."""


def elevenlabs(config: TtsConfig) -> tuple[ElevenLabsVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(ElevenLabsOptions, config)
    voice, language = choose_voice(config, "agent.tts")
    address: dict[str, Any] = {"url": config.base_url} if config.base_url else {}
    service = ElevenLabsVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        sample_rate=options.sample_rate,
        stall_secs=config.stall_secs,
        enable_ssml_parsing=options.enable_ssml_parsing,
        enable_logging=options.enable_logging,
        settings=ElevenLabsTTSService.Settings(
            model=config.model,
            voice=voice,
            # Without one it hears the language in the text.
            language=language if config.language else None,
            stability=options.stability,
            similarity_boost=options.similarity_boost,
            style=options.style,
            use_speaker_boost=options.use_speaker_boost,
            speed=config.speed,
            apply_text_normalization=options.apply_text_normalization,
        ),
        **address,
    )
    return service, options.sample_rate
