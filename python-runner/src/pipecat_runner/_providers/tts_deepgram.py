"""Deepgram Aura: text first, sound later, over one WebSocket without word times."""

from __future__ import annotations

import json
from typing import Any

from pipecat.frames.frames import TTSAudioRawFrame, TTSStoppedFrame
from pipecat.services.deepgram.tts import DeepgramTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.speaker import SocketSpeaker, category_of
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

    async def _receive_messages(self) -> None:
        async for message in self._get_websocket():
            if isinstance(message, bytes):
                if not self._clearing:
                    context = self.get_active_audio_context_id()
                    sound = TTSAudioRawFrame(message, self.sample_rate, 1, context_id=context)
                    await self.append_to_audio_context(context, sound)
                continue
            content = json.loads(message)
            kind = content["type"]
            if kind == "Cleared":
                self._clearing = max(0, self._clearing - 1)
            elif kind == "Flushed" and not self._clearing:
                await self._end(self.get_active_audio_context_id())
            elif kind in ("Error", "Warning"):
                said = f"{content.get('err_code') or content.get('warn_code') or ''} {content.get('description') or ''}"
                await self.push_error(f"{kind}: {said}", category=category_of(said))
                if kind == "Error":
                    await self._end(self.get_active_audio_context_id())

    async def _end(self, context: str | None) -> None:
        if context is not None and self.audio_context_available(context):
            await self.append_to_audio_context(context, TTSStoppedFrame(context_id=context))
            await self.remove_audio_context(context)


def deepgram(config: TtsConfig) -> tuple[DeepgramVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(DeepgramOptions, config)
    voice, _ = choose_voice(config, "agent.tts")
    address: dict[str, Any] = {"base_url": config.base_url} if config.base_url else {}
    service = DeepgramVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        sample_rate=options.sample_rate,
        mip_opt_out=options.mip_opt_out,
        stop_frame_timeout_s=config.stall_secs,
        settings=DeepgramTTSService.Settings(voice=voice, speed=config.speed),
        **address,
    )
    return service, options.sample_rate
