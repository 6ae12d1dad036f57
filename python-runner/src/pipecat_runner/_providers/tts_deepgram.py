"""Deepgram Aura: text first, sound later, over one WebSocket without word times."""

from __future__ import annotations

import json
from typing import Any

from pipecat.services.deepgram.tts import DeepgramTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.speaker import SocketSpeaker
from pipecat_runner._providers.tts_options import DeepgramOptions, read_options
from pipecat_runner._providers.voices import choose_voice


class DeepgramVoice(SocketSpeaker, DeepgramTTSService):
    """A voice of Deepgram.

    Nothing on the wire says which sentence a sound belongs to. So what still comes between ``Clear`` and ``Cleared``
    belongs to what was interrupted and is dropped; pipecat would give it to the next answer.
    """

    _clearing = 0

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        """Have the provider forget what it was to say."""
        if self._websocket is not None:
            self._clearing += 1
        await super().on_audio_context_interrupted(context_id)

    async def _connect_websocket(self) -> None:
        self._clearing = 0
        await super()._connect_websocket()

    async def take(self, message: str | bytes) -> bool:
        """Drop what belongs to an interrupted answer, and understand a refusal."""
        if isinstance(message, bytes):
            return bool(self._clearing)
        kind = json.loads(message)["type"]
        if kind == "Cleared":
            self._clearing = max(0, self._clearing - 1)
        elif kind == "Error":
            await self.refused(message)
        return kind == "Error" or (kind == "Flushed" and bool(self._clearing))


def deepgram(config: TtsConfig) -> tuple[DeepgramVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(DeepgramOptions, config)
    voice, _ = choose_voice(config, "agent.tts")
    address: dict[str, Any] = {"base_url": config.base_url} if config.base_url else {}
    service = DeepgramVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        sample_rate=options.sample_rate,
        mip_opt_out=options.mip_opt_out,
        stall_secs=config.stall_secs,
        settings=DeepgramTTSService.Settings(voice=voice, speed=config.speed),
        **address,
    )
    return service, options.sample_rate
