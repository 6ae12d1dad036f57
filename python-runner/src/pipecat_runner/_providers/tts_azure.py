"""Azure Speech: word times, through Microsoft's SDK, which has threads of its own for the whole process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.services.azure.tts import AzureTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import NoAnswer
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import AzureOptions, read_options
from pipecat_runner._providers.voices import choose_voice


class AzureVoice(Speaker, AzureTTSService):
    """A voice of Azure."""

    speaks_inline = True

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence; one that does not come must not keep the SDK from the next."""
        async with aclosing(super().run_tts(text, context_id)) as frames:
            async for frame in frames:
                if isinstance(frame, ErrorFrame) and isinstance(frame.exception, NoAnswer):
                    await self._be_quiet()
                yield frame

    async def cleanup(self) -> None:
        """Have the SDK stop and let go of the connection."""
        await super().cleanup()
        synthesizer: Any = self._speech_synthesizer
        if synthesizer is not None:
            for event in ("synthesizing", "synthesis_completed", "synthesis_canceled", "synthesis_word_boundary"):
                getattr(synthesizer, event).disconnect_all()
            await self._be_quiet()
            self._speech_synthesizer = None

    async def _be_quiet(self) -> None:
        synthesizer: Any = self._speech_synthesizer
        await asyncio.to_thread(lambda: synthesizer.stop_speaking_async().get())


def azure(config: TtsConfig) -> tuple[AzureVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(AzureOptions, config)
    voice, language = choose_voice(config, "agent.tts")
    service = AzureVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        region=None if config.base_url else config.region,
        private_endpoint=config.base_url,
        sample_rate=options.sample_rate,
        stall_secs=config.stall_secs,
        settings=AzureTTSService.Settings(
            voice=voice,
            language=language,
            rate=f"{config.speed:g}" if config.speed is not None else None,
            effect=options.effect,
            emphasis=options.emphasis,
            force_locale=options.force_locale,
            pitch=options.pitch,
            role=options.role,
            style=options.style,
            style_degree=options.style_degree,
            voice_parameters=options.voice_parameters,
            volume=options.volume,
        ),
    )
    return service, options.sample_rate
