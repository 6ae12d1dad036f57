"""Amazon Polly: one request a sentence, no word times."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

import aiobotocore.config
import aiobotocore.session
from pipecat.services.aws.tts import AWSPollyTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import PollyOptions, read_options
from pipecat_runner._providers.voices import choose_voice, is_polly_standard

# Polly makes PCM at 8 and 16 kHz only.
RATE = 16_000


@cache
def _session() -> aiobotocore.session.AioSession:
    """The one session of the process; it has no connections.

    The first client it makes reads the service's description from disk, which takes a sixth of a second: here, in the
    thread in which voices are made, and not on the event loop.
    """
    session = aiobotocore.session.get_session()

    async def read() -> None:
        anybody = {"aws_access_key_id": "-", "aws_secret_access_key": "-", "region_name": "us-east-1"}
        async with session.create_client("polly", **anybody):
            pass

    asyncio.run(read())
    return session


class _OneClient:
    """Stands for the session of a service that asks for a client each sentence, and gives it the same one."""

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        self._session = _session()
        self._open = AsyncExitStack()
        self._client: Any = None
        self._sound: Any = None

    @asynccontextmanager
    async def create_client(self, service: str, **given: Any) -> AsyncIterator[_OneClient]:
        """The client; its connections stay open for the next sentence."""
        if self._client is None:
            # What fails is asked for again, or of another, elsewhere.
            once = aiobotocore.config.AioConfig(connect_timeout=5, retries={"total_max_attempts": 1})
            made = self._session.create_client(service, endpoint_url=self._endpoint, config=once, **given)
            self._client = await self._open.enter_async_context(made)
        try:
            yield self
        finally:
            # What was not read to its end keeps its connection.
            if self._sound is not None:
                self._sound.close()
                self._sound = None

    async def synthesize_speech(self, **asked: Any) -> dict[str, Any]:
        """Ask, and look whether sound is what comes."""
        answer: dict[str, Any] = await self._client.synthesize_speech(**asked)
        self._sound = answer.get("AudioStream")
        kind = str(answer.get("ContentType", ""))
        if not kind.startswith("audio/"):
            raise MalformedAnswer(f"{kind} instead of sound")
        return answer

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
        stall_secs=config.stall_secs,
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
