"""Calls whose caller speaks, and what the recognisers under test are called."""

from __future__ import annotations

import functools
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from _pytest.mark.structures import ParameterSet

from tests.providers.servers.assemblyai import AssemblyAIServer
from tests.providers.servers.azure_ears import AzureEarsServer
from tests.providers.servers.cartesia_ears import CartesiaEarsServer
from tests.providers.servers.deepgram import DeepgramServer
from tests.providers.servers.elevenlabs_ears import ElevenLabsEarsServer
from tests.providers.servers.files_ears import FilesServer
from tests.providers.servers.google_ears import GoogleEarsServer, service_account
from tests.providers.servers.hearing import KEY, Plan
from tests.providers.servers.openai_ears import OpenAIEarsServer
from tests.support.peer import FRAME_MS, Peer
from tests.support.services import LlmServer

_CALLER = Path(__file__).parents[3] / "dev" / "demo" / "caller"
RATE = 8000
# Voices are detected in the audio's own time; nothing here depends on the clock's but how long the tests take.
_SPEED = 2


def sentence(name: str = "balance", rate: int = RATE) -> bytes:
    """A caller's sentence of the demo."""
    with wave.open(str(_CALLER / f"{name}.wav")) as file:
        assert file.getframerate() == RATE
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return bytes(soxr.resample(pcm, RATE, rate).astype("<i2").tobytes())


def talk(peer: Peer, pcm: bytes, *, rate: int = RATE, silence_secs: float = 1.0) -> None:
    """Speak to the bot, twice as fast as real callers do, then stay silent as a telephone does."""
    speech = pcm + bytes(2 * int(rate * silence_secs))
    size = 2 * rate * FRAME_MS // 1000
    due = time.monotonic()
    for start in range(0, len(speech), size):
        peer.send_audio(speech[start : start + size].ljust(size, b"\0"), rate)
        due += FRAME_MS / 1000 / _SPEED
        time.sleep(max(0.0, due - time.monotonic()))


def agent(llm: LlmServer, stt: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An agent that hears so."""
    model = {"type": "openai_compatible", "model": "m", "base_url": llm.base_url}
    turn = {"stop": "silence", "silence_secs": 0.3}
    return {"bot": "assistant", "llm": model, "stt": stt, "turn": turn, **more}


def said(peer: Peer) -> str:
    """What the bot wrote."""
    return "".join(data["text"] for data in peer.data("bot-llm-text")).strip()


def errors(peer: Peer) -> list[dict[str, Any]]:
    """The provider errors the daemon was told of."""
    return [data["d"] for data in peer.data("server-message") if data.get("t") == "provider-error"]


@dataclass(frozen=True)
class Case:
    """A recogniser under test.

    Attributes:
        server: Makes the provider's server for a plan.
        stt: Its configuration, without address and key.
        key: The key its server takes.
        path: What is added to the server's address.
    """

    server: Callable[[Plan], Any]
    stt: dict[str, Any]
    key: Callable[[], str] = lambda: KEY
    path: str = ""

    def config(self, url: str, **more: Any) -> dict[str, Any]:
        """The section ``stt`` that makes the provider's service speak to a server."""
        return {"api_key": self.key(), "base_url": url + self.path, "language": "en-US", **self.stt, **more}


CASES = {
    "deepgram": Case(DeepgramServer, {"type": "deepgram"}),
    "deepgram flux": Case(DeepgramServer, {"type": "deepgram", "model": "flux-general-en"}),
    "openai": Case(FilesServer, {"type": "openai"}, path="/v1"),
    "openai realtime": Case(
        OpenAIEarsServer,
        {"type": "openai", "model": "gpt-realtime-whisper", "options": {"realtime": True}},
        path="/v1",
    ),
    "openai_whisper": Case(FilesServer, {"type": "openai_whisper"}, path="/v1"),
    "google": Case(GoogleEarsServer, {"type": "google", "model": "telephony"}, key=functools.cache(service_account)),
    "assemblyai": Case(AssemblyAIServer, {"type": "assemblyai"}),
    "cartesia": Case(CartesiaEarsServer, {"type": "cartesia"}),
    "elevenlabs": Case(ElevenLabsEarsServer, {"type": "elevenlabs"}),
    "elevenlabs files": Case(FilesServer, {"type": "elevenlabs", "model": "scribe_v2"}),
    "azure": Case(AzureEarsServer, {"type": "azure"}),
}


def proving(scenario: str, *but: str) -> list[ParameterSet]:
    """Parameters of a test that proves one scenario for all cases but these."""
    return [
        pytest.param(name, id=name, marks=pytest.mark.proves("stt", case.stt["type"], scenario))
        for name, case in CASES.items()
        if name not in but
    ]
