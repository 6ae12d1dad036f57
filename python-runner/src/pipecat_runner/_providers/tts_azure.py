"""Azure Speech: word times, through Microsoft's SDK, which has threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.azure.tts import AzureTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import NoAnswer
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import AzureOptions, read_options
from pipecat_runner._providers.voices import choose_voice

_EVENTS = ("synthesizing", "synthesis_completed", "synthesis_canceled", "synthesis_word_boundary")


class _Synthesizer:
    """Stands for the SDK's synthesizer, and takes the result of each sentence, which pipecat leaves where it is.

    While there is a result that was not taken the SDK keeps the synthesizer, with a connection and five threads.
    """

    def __init__(self, sdk: Any) -> None:
        self._sdk = sdk
        self._results: list[Any] = []

    def speak_ssml_async(self, ssml: str) -> None:
        self._results.append(self._sdk.speak_ssml_async(ssml))

    def stop_speaking_async(self) -> Any:
        return self._sdk.stop_speaking_async()

    def take_results(self) -> None:
        """Blocks until what was begun has ended."""
        while self._results:
            self._results.pop().get()

    def close(self) -> None:
        """Blocks until nothing is said any more."""
        for event in _EVENTS:
            getattr(self._sdk, event).disconnect_all()
        self.stop_speaking_async().get()
        self.take_results()


class AzureVoice(Speaker, AzureTTSService):
    """A voice of Azure."""

    speaks_inline = True
    _speech_synthesizer: Any

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override] # so are pipecat's classes
        """Prepare the SDK; it dials when it is used."""
        await super().setup(setup)
        self._speech_synthesizer = _Synthesizer(self._speech_synthesizer)

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence; one that does not come must not keep the SDK from the next."""
        async with aclosing(super().run_tts(text, context_id)) as frames:
            async for frame in frames:
                if isinstance(frame, ErrorFrame) and isinstance(frame.exception, NoAnswer):
                    await asyncio.to_thread(lambda: self._speech_synthesizer.stop_speaking_async().get())
                yield frame
        await asyncio.to_thread(self._speech_synthesizer.take_results)

    async def cleanup(self) -> None:
        """Have the SDK let go of its connection and its threads."""
        await super().cleanup()
        synthesizer, self._speech_synthesizer = self._speech_synthesizer, None
        if synthesizer is not None:
            await asyncio.to_thread(synthesizer.close)


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
