"""Cartesia: word times over one WebSocket."""

from __future__ import annotations

from typing import Any

from pipecat.services.cartesia.tts import CartesiaTTSService, GenerationConfig

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.speaker import SocketSpeaker
from pipecat_runner._providers.tts_options import CartesiaOptions, read_options
from pipecat_runner._providers.voices import choose_voice


class CartesiaVoice(SocketSpeaker, CartesiaTTSService):
    """A voice of Cartesia."""

    async def _process_messages(self) -> None:
        await super()._process_messages()
        # It has closed in order, as it does after minutes of silence; in the middle of a sentence that is a loss.
        await self.sentence_lost(None)


def cartesia(config: TtsConfig) -> tuple[CartesiaVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(CartesiaOptions, config)
    voice, language = choose_voice(config, "agent.tts")
    sound = GenerationConfig(speed=config.speed, volume=options.volume, emotion=options.emotion)
    address: dict[str, Any] = {"url": config.base_url} if config.base_url else {}
    service = CartesiaVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        sample_rate=options.sample_rate,
        stall_secs=config.stall_secs,
        settings=CartesiaTTSService.Settings(
            model=config.model,
            voice=voice,
            language=language,
            generation_config=sound if sound.model_dump(exclude_none=True) else None,
            pronunciation_dict_id=options.pronunciation_dict_id,
        ),
        **address,
    )
    return service, options.sample_rate
