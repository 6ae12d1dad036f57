"""Amazon Polly: one request a sentence, no word times."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

import aiobotocore.config
import aiobotocore.session
from pipecat.services.aws.tts import AWSPollyTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import PollyOptions, read_options
from pipecat_runner._providers.voices import choose_voice, is_polly_standard

# Polly makes PCM at 8 and 16 kHz only.
RATE = 16_000


@cache
def _session() -> aiobotocore.session.AioSession:
    """The one session of the process: it reads a service's description from disk once, and has no connections."""
    return aiobotocore.session.get_session()


class _OneClient:
    """Stands for the session of a service that asks for a client each sentence, and gives it the same one."""

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        self._open = AsyncExitStack()
        self._client: Any = None

    @asynccontextmanager
    async def create_client(self, service: str, **given: Any) -> AsyncIterator[Any]:
        """The client; its connections stay open for the next sentence."""
        if self._client is None:
            made = _session().create_client(
                service,
                endpoint_url=self._endpoint,
                config=aiobotocore.config.AioConfig(
                    connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1}
                ),
                **given,
            )
            self._client = await self._open.enter_async_context(made)
        yield self._client

    async def close(self) -> None:
        """Close its connections."""
        self._client = None
        await self._open.aclose()


class PollyVoice(Speaker, AWSPollyTTSService):
    """A voice of Amazon Polly."""

    speaks_inline = True

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        await self._aws_session.close()


def aws(config: TtsConfig) -> tuple[PollyVoice, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(PollyOptions, config)
    voice, language = choose_voice(config, "agent.tts")
    service = PollyVoice(
        api_key=config.api_key.get_secret_value() if config.api_key else None,
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID"),
        region=config.region,
        sample_rate=RATE,
        settings=AWSPollyTTSService.Settings(
            engine=config.model or ("standard" if is_polly_standard(voice) else "neural"),
            voice=voice,
            language=language,
            rate=f"{config.speed:.0%}" if config.speed is not None else None,
            pitch=options.pitch,
            volume=options.volume,
            lexicon_names=options.lexicon_names,
        ),
    )
    service._aws_session = _OneClient(config.base_url)
    return service, RATE
