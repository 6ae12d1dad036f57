"""What a recogniser's configuration may say, and what is refused before any call."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipecat_runner._agent import SttConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.stt import PROVIDERS, Ears, build_stt
from pipecat_runner._speech.local import LocalSpeech
from tests.providers.servers.google_ears import service_account

pytestmark = pytest.mark.filterwarnings("ignore:.*websockets.*:DeprecationWarning")

ENGLISH = {
    "assemblyai": "en",
    "azure": "en-US",
    "cartesia": "en",
    "deepgram": {"en": "en", "en-US": "en-US"},
    "elevenlabs": "eng",
    "openai": "en",
    "openai_whisper": "en",
}


def ears(**config: Any) -> Ears:
    given = {"api_key": "key", "region": "westeurope" if config["type"] == "azure" else None, **config}
    return build_stt(SttConfig.model_validate(given), LocalSpeech())


def language_of(service: Any) -> object:
    if service._settings.__class__.__name__.startswith("Assembly"):
        return service._settings.language_codes[0].value
    return getattr(service, "_code", None) or service._settings.language


@pytest.mark.parametrize("tag", ["en", "en-US", "en_us"])
@pytest.mark.parametrize("provider", ENGLISH)
def test_english_is_understood_with_and_without_its_region(provider: str, tag: str) -> None:
    wanted = ENGLISH[provider]
    tag_of = tag.replace("_us", "-US")

    assert language_of(ears(type=provider, language=tag).service) == (
        wanted[tag_of] if isinstance(wanted, dict) else wanted
    )


def test_google_is_asked_for_a_language_with_its_region() -> None:
    key = service_account()
    codes = [
        ears(type="google", language=tag, api_key=key).service._get_language_codes()  # type: ignore[attr-defined]
        for tag in ("en", "en-US", "de-AT", "pt")
    ]

    assert codes == [["en-US"], ["en-US"], ["de-AT"], ["pt-PT"]]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "deepgram", "language": "de-AT"}, None),
        ({"type": "deepgram", "language": "xx"}, "agent.stt.language: Deepgram's nova-3 does not understand 'xx'"),
        ({"type": "cartesia", "language": "engl"}, "Cartesia does not understand 'engl'; it has "),
        (
            {"type": "deepgram", "model": "flux-general-en", "language": "de"},
            "general-en does not understand 'de'",
        ),
        ({"type": "deepgram", "model": "flux-general-multi", "language": "de-DE"}, None),
        ({"type": "deepgram", "model": "flux"}, "agent.stt.model: 'flux' is not the name of a model of deepgram"),
        ({"type": "deepgram", "model": "scribe_v2"}, "for instance {type: deepgram, model: nova-3"),
        ({"type": "elevenlabs", "model": "eleven_v3"}, "is not the name of a model of elevenlabs"),
        ({"type": "azure", "model": "latest"}, "agent.stt.model: leave it out"),
        (
            {"type": "cartesia", "options": {"keyterms": ["a"]}},
            "cartesia has no such option; it has: keyterm",
        ),
        ({"type": "openai", "options": {"temperature": 3}}, "agent.stt.options.temperature: "),
        ({"type": "whisper", "language": "de"}, "the Whisper model tiny.en understands en only, not de"),
        ({"type": "google", "api_key": "/no/such/file"}, "agent.stt.api_key: google needs a service account"),
    ],
)
def test_what_cannot_work_is_refused_with_the_way_out(config: dict[str, Any], message: str | None) -> None:
    if message is None:
        ears(**config)
        return
    with pytest.raises(BadConfiguration, match=re.escape(message)):
        ears(**config)


def test_a_recogniser_says_whether_it_knows_turns() -> None:
    assert ears(type="deepgram", model="flux-general-en").does_turns
    assert not ears(type="deepgram").does_turns


def test_an_unknown_key_is_asked_for_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, provider in PROVIDERS.items():
        if provider.key_variable is not None:
            monkeypatch.delenv(provider.key_variable, raising=False)
            with pytest.raises(BadConfiguration, match=provider.key_variable):
                build_stt(SttConfig(type=name), LocalSpeech())


def test_a_recogniser_waits_as_long_as_its_provider_is_known_to_need() -> None:
    # Turn strategies wait this long for a transcript; without a figure pipecat takes a second.
    for provider in ("deepgram", "openai", "assemblyai", "cartesia", "elevenlabs", "azure"):
        latency = ears(type=provider).service._ttfs_p99_latency
        assert latency is not None
        assert latency < 2.5
