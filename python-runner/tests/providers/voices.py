"""The voices under test: for each a server that speaks its wire, and how an agent is told to use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.providers.servers.azure_voice import AzureVoiceServer
from tests.providers.servers.cartesia import CartesiaServer
from tests.providers.servers.deepgram_voice import DeepgramVoiceServer
from tests.providers.servers.elevenlabs_voice import ElevenLabsVoiceServer
from tests.providers.servers.google_voice import GoogleVoiceServer
from tests.providers.servers.openai_voice import OpenAiVoiceServer
from tests.providers.servers.polly import PollyServer

KEY = "voice-key-123"


@dataclass(frozen=True)
class Subject:
    """A voice under test.

    Attributes:
        provider: Its name in the table.
        server: Makes its server.
        voice: Which voice is asked for when none is named.
        rate: At which it speaks.
        more: Of its configuration.
        path: Behind the server's address.
        word_times: Whether it tells when its words are said.
    """

    provider: str
    server: Callable[..., AbstractContextManager[Any]]
    voice: str
    rate: int = 16_000
    more: tuple[tuple[str, Any], ...] = ()
    path: str = ""
    word_times: bool = False

    def configuration(self, server: Any, **more: Any) -> dict[str, Any]:
        """The section ``tts`` of an agent that speaks with this server."""
        key = service_account() if self.provider == "google" else KEY
        address = {"base_url": server.address + self.path, "api_key": key}
        return {"type": self.provider, **address, **dict(self.more), **more}


SUBJECTS = {
    "cartesia": Subject(
        "cartesia",
        CartesiaServer,
        "71a7ad14-091c-4e8e-a314-022ece01c121",
        path="/tts/websocket",
        word_times=True,
    ),
    "elevenlabs": Subject("elevenlabs", ElevenLabsVoiceServer, "EXAVITQu4vr4xnSDxMaL", word_times=True),
    "google": Subject("google", GoogleVoiceServer, "en-US-Chirp3-HD-Charon"),
    "google plain": Subject("google", GoogleVoiceServer, "en-US-Neural2-A", more=(("voice", "en-US-Neural2-A"),)),
    "openai": Subject("openai", OpenAiVoiceServer, "alloy", rate=24_000),
    "deepgram": Subject("deepgram", DeepgramVoiceServer, "aura-2-thalia-en"),
    "azure": Subject(
        "azure",
        AzureVoiceServer,
        "en-US-JennyNeural",
        more=(("region", "westeurope"),),
        path="/cognitiveservices/websocket/v1",
        word_times=True,
    ),
    "aws": Subject("aws", PollyServer, "Joanna", more=(("region", "eu-central-1"),)),
}

_ACCOUNTS: list[str] = []


def service_account() -> str:
    """A service account of Google's, as JSON, with a key made for this run."""
    if not _ACCOUNTS:
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = {
            "type": "service_account",
            "client_email": "voice@test.iam.gserviceaccount.com",
            "token_uri": "https://127.0.0.1:1/token",
            "private_key": pem.decode(),
            "private_key_id": KEY,
        }
        _ACCOUNTS.append(json.dumps(account))
    return _ACCOUNTS[0]


def subjects(*names: str) -> dict[str, Subject]:
    """Those of some names, all without."""
    return {name: subject for name, subject in SUBJECTS.items() if not names or name in names}
