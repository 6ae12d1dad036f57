"""Google Cloud text to speech over gRPC: Chirp streams a sentence, plain voices make it whole."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
from google.api_core.client_options import ClientOptions
from google.cloud import texttospeech_v1
from google.cloud.texttospeech_v1.services.text_to_speech.transports import TextToSpeechGrpcAsyncIOTransport
from google.oauth2 import service_account
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.google.tts import GoogleHttpTTSService, GoogleTTSService

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.speaker import Speaker
from pipecat_runner._providers.tts_options import GoogleOptions, read_options
from pipecat_runner._providers.voices import choose_voice, is_streamed_by_google


class _Connection(Speaker):
    """Makes the client on the event loop: its channel belongs to the loop on which it was made."""

    speaks_inline = True
    _key = ""
    _endpoint: str | None = None
    _client: Any

    def _create_client(self, credentials: str | None, credentials_path: str | None) -> Any:
        del credentials, credentials_path

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]
        """Make the client; it dials when it is used."""
        await super().setup(setup)
        self._client = _client(self._key, self._endpoint)

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        client, self._client = self._client, None
        if client is not None:
            await client.transport.close()


class GoogleStreamedVoice(_Connection, GoogleTTSService):
    """A voice of Chirp, heard while its sentence is still being made."""


class GoogleVoice(_Connection, GoogleHttpTTSService):
    """A plain voice: standard, WaveNet, Neural2, Studio."""


def google(config: TtsConfig, where: str = "agent.tts") -> tuple[Speaker, int]:
    """The voice of a configuration, and its rate."""
    options = read_options(GoogleOptions, config)
    voice, language = choose_voice(config, where)
    key = config.api_key.get_secret_value() if config.api_key else ""
    endpoint = config.base_url or (f"{config.region}-texttospeech.googleapis.com" if config.region else None)
    service: GoogleStreamedVoice | GoogleVoice
    if is_streamed_by_google(voice):
        service = GoogleStreamedVoice(
            sample_rate=options.sample_rate,
            stall_secs=config.stall_secs,
            settings=GoogleTTSService.Settings(voice=voice, language=language, speaking_rate=config.speed),
        )
    else:
        service = GoogleVoice(
            sample_rate=options.sample_rate,
            stall_secs=config.stall_secs,
            settings=GoogleHttpTTSService.Settings(
                voice=voice,
                language=language,
                rate=f"{config.speed:.0%}" if config.speed is not None else None,
                pitch=options.pitch,
                volume=options.volume,
                emphasis=options.emphasis,
                google_style=options.google_style,
            ),
        )
    _credentials(key, where)
    service._key, service._endpoint = key, endpoint
    return service, options.sample_rate


def _client(key: str, endpoint: str | None) -> texttospeech_v1.TextToSpeechAsyncClient:
    if endpoint is not None and endpoint.startswith("http://"):
        channel = grpc.aio.insecure_channel(urlsplit(endpoint).netloc)
        return texttospeech_v1.TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
    host = endpoint.removeprefix("https://").rstrip("/") if endpoint is not None else None
    return texttospeech_v1.TextToSpeechAsyncClient(
        credentials=_credentials(key, "agent.tts"), client_options=ClientOptions(api_endpoint=host) if host else None
    )


def _credentials(key: str, where: str) -> Any:
    """The service account in a JSON text, or in the file of a path."""
    try:
        if key.lstrip().startswith("{"):
            return service_account.Credentials.from_service_account_info(json.loads(key))
        return service_account.Credentials.from_service_account_file(key)
    except (OSError, ValueError) as e:
        raise BadConfiguration(
            f"{where}.api_key: google needs a service account, as its JSON text or the path of its file "
            f"(GOOGLE_APPLICATION_CREDENTIALS); what is there cannot be read: {type(e).__name__}"
        ) from e
