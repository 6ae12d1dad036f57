"""What is asked of a voice is checked, completed and applied before anybody is called."""

from __future__ import annotations

import pytest

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.languages import normal, regional
from pipecat_runner._providers.table import prepare
from pipecat_runner._providers.tts import PROVIDERS
from pipecat_runner._providers.voices import choose_voice

KEYS = {
    "CARTESIA_API_KEY": "k",
    "ELEVENLABS_API_KEY": "k",
    "GOOGLE_APPLICATION_CREDENTIALS": "k.json",
    "OPENAI_API_KEY": "k",
    "DEEPGRAM_API_KEY": "k",
    "AZURE_SPEECH_KEY": "k",
    "AZURE_SPEECH_REGION": "westeurope",
    "AWS_SECRET_ACCESS_KEY": "k",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_REGION": "eu-central-1",
}


def refusal(**config: object) -> str:
    """Why a configuration is refused."""
    with pytest.raises(BadConfiguration) as refused:
        prepare(PROVIDERS, "agent.tts", TtsConfig.model_validate(config), KEYS)
    return str(refused.value)


def chosen(kind: str, language: str | None = None, voice: str | None = None) -> tuple[str, str]:
    """Voice and language of a configuration."""
    config = TtsConfig(type=kind, language=language, voice=voice)
    return choose_voice(prepare(PROVIDERS, "agent.tts", config, KEYS)[1], "agent.tts")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("en-US", "en-US"), ("en_us", "en-US"), ("DE", "de"), ("zh-hant-tw", "zh-Hant-TW"), ("no", "nb")],
)
def test_a_language_is_understood_however_it_is_written(written: str, meant: str) -> None:
    assert normal(written, "agent.tts.language") == meant


@pytest.mark.parametrize(
    ("language", "region"),
    [("en", "en-US"), ("pt", "pt-BR"), ("de", "de-DE"), ("fr-CA", "fr-CA"), ("zh-Hant", "zh-CN")],
)
def test_a_language_without_a_region_gets_the_one_that_is_meant(language: str, region: str) -> None:
    assert regional(language) == region


def test_what_is_no_language_is_refused_with_an_example() -> None:
    assert refusal(type="cartesia", language="english") == (
        "agent.tts.language: 'english' is not a language tag (BCP 47); write for instance en-US, de or pt-BR"
    )


@pytest.mark.parametrize(
    ("kind", "language", "voice", "spoken"),
    [
        ("cartesia", None, "71a7ad14-091c-4e8e-a314-022ece01c121", "en"),
        ("cartesia", "de-DE", "71a7ad14-091c-4e8e-a314-022ece01c121", "de"),
        ("elevenlabs", None, "EXAVITQu4vr4xnSDxMaL", "en"),
        ("google", None, "en-US-Chirp3-HD-Charon", "en-US"),
        ("google", "de", "de-DE-Chirp3-HD-Charon", "de-DE"),
        ("google", "es-MX", "es-ES-Chirp3-HD-Charon", "es-ES"),
        ("google", "zh", "cmn-CN-Chirp3-HD-Charon", "cmn-CN"),
        ("google", "ar", "ar-XA-Chirp3-HD-Charon", "ar-XA"),
        ("google", "is", "is-IS-Standard-A", "is-IS"),
        ("elevenlabs", "nb-NO", "EXAVITQu4vr4xnSDxMaL", "no"),
        ("openai", "fr", "alloy", "fr"),
        ("deepgram", None, "aura-2-thalia-en", "en"),
        ("deepgram", "fr-CA", "aura-2-agathe-fr", "fr"),
        ("azure", None, "en-US-JennyNeural", "en-US"),
        ("azure", "pt", "pt-BR-FranciscaNeural", "pt-BR"),
        ("azure", "de-LU", "de-DE-KatjaNeural", "de-DE"),
        ("azure", "is", "en-US-JennyMultilingualNeural", "is-IS"),
        ("aws", None, "Joanna", "en-US"),
        ("aws", "en-GB", "Amy", "en-GB"),
        ("aws", "no", "Ida", "nb-NO"),
        ("aws", "hi", "Kajal", "hi-IN"),
    ],
)
def test_a_language_has_a_voice(kind: str, language: str | None, voice: str, spoken: str) -> None:
    assert chosen(kind, language) == (voice, spoken)


@pytest.mark.parametrize(
    ("kind", "voice", "spoken"),
    [
        ("google", "fr-FR-Wavenet-B", "fr-FR"),
        ("deepgram", "aura-2-celeste-es", "es"),
        ("azure", "zh-CN-liaoning-XiaobeiNeural", "zh-CN-liaoning"),
        ("azure", "en-US-Ava:DragonHDLatestNeural", "en-US"),
        ("aws", "Vicki", "de-DE"),
    ],
)
def test_a_voice_says_in_which_language_it_speaks(kind: str, voice: str, spoken: str) -> None:
    assert chosen(kind, None, voice) == (voice, spoken)
    assert chosen(kind, "en-US", voice) == (voice, spoken), "the provider would refuse another language"


def test_a_multilingual_voice_speaks_what_it_is_given() -> None:
    assert chosen("azure", "sv", "en-US-EmmaMultilingualNeural") == ("en-US-EmmaMultilingualNeural", "sv-SE")


@pytest.mark.parametrize(
    ("kind", "voice", "example"),
    [
        ("cartesia", "Katie", "71a7ad14-091c-4e8e-a314-022ece01c121"),
        ("elevenlabs", "Rachel", "EXAVITQu4vr4xnSDxMaL"),
        ("google", "Charon", "en-US-Chirp3-HD-Charon"),
        ("openai", "joanna", "alloy"),
        ("deepgram", "thalia", "aura-2-thalia-en"),
        ("azure", "Jenny", "en-US-JennyNeural"),
        ("aws", "en-US-Joanna", "Joanna"),
    ],
)
def test_a_voice_that_cannot_be_the_providers_is_refused_with_an_example(kind: str, voice: str, example: str) -> None:
    why = refusal(type=kind, voice=voice)

    assert why.startswith(f"agent.tts.voice: {voice!r} is not a voice of {kind}")
    assert why.endswith(example)


def test_a_language_nobody_speaks_is_refused_with_those_that_are_spoken() -> None:
    assert refusal(type="deepgram", language="sv") == (
        "agent.tts.language: deepgram has no voice for sv; known: de, en, es, fr, it, ja, nl"
    )
    assert "aws has no voice for uk; known: ar-AE, " in refusal(type="aws", language="uk")
    assert refusal(type="elevenlabs", language="th") == (
        "agent.tts.language: eleven_flash_v2_5 does not speak th; "
        "eleven_v3, eleven_v3_conversational, eleven_v4, eleven_v4_turbo do"
    )
    assert "eleven_v3 does not speak ia; it speaks: af, " in refusal(
        type="elevenlabs", model="eleven_v3", language="ia"
    )
    assert "piper's own voice speaks en only, not de" in refusal(type="piper", language="de")


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    assert refusal(type="deepgram", options={"stability": 0.5}) == (
        "agent.tts.options.stability: deepgram has no such option; it has: sample_rate, mip_opt_out"
    )


def test_an_option_out_of_its_limits_is_refused() -> None:
    assert "agent.tts.options.stability: " in refusal(type="elevenlabs", options={"stability": 2})
    assert "agent.tts.options.sample_rate: " in refusal(type="cartesia", options={"sample_rate": 11025})


def test_a_speed_the_provider_cannot_speak_at_is_refused() -> None:
    assert refusal(type="elevenlabs", speed=2) == (
        "agent.tts.speed: elevenlabs speaks at 0.7 to 1.2 of a voice's speed, not at 2"
    )
    assert "agent.tts.speed: leave it out, piper does not take it" in refusal(type="piper", speed=2)


@pytest.mark.parametrize(
    ("kind", "variable"), [("cartesia", "CARTESIA_API_KEY"), ("google", "GOOGLE_APPLICATION_CREDENTIALS")]
)
def test_a_missing_key_is_named(kind: str, variable: str) -> None:
    with pytest.raises(BadConfiguration, match=variable):
        prepare(PROVIDERS, "agent.tts", TtsConfig(type=kind), {})
