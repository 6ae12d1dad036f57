"""OpenAI, or a server that speaks its protocol: one request a sentence, no word times."""

from __future__ import annotations

from typing import Any

import openai
from pipecat.services.openai.tts import OpenAITTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import OpenAiOptions, read_options
from pipecat_runner._providers.voices import choose_voice

RATE = 24_000


class OpenAiVoice(Speaker, OpenAITTSService):
    """A voice of OpenAI."""

    speaks_inline = True

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        await self._client.close()


def openai_voice(config: TtsConfig) -> tuple[OpenAiVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(OpenAiOptions, config)
    voice, _ = choose_voice(config, "agent.tts")
    service = OpenAiVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else "",
        base_url=config.base_url,
        http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_check]}),
        sample_rate=RATE,
        stall_secs=config.stall_secs,
        settings=OpenAITTSService.Settings(
            model=config.model, voice=voice, instructions=options.instructions, speed=config.speed
        ),
    )
    # Its own retries would keep the caller waiting in silence; what fails is asked for again, or of another, elsewhere.
    service._client = service._client.with_options(max_retries=0)
    return service, RATE


async def _check(response: Any) -> None:
    kind = response.headers.get("content-type", "")
    if response.status_code == 200 and kind.startswith(("text/", "application/json")):
        raise MalformedAnswer(f"{kind} instead of sound")
