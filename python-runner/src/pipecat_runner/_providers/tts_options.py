"""What only one provider's voices take: ``agent.tts.options``, and how fast each of them can speak."""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import BadConfiguration


class Options(BaseModel):
    """Base of all: an unknown option is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CartesiaOptions(Options):
    """Of Cartesia."""

    sample_rate: Literal[8000, 16000, 22050, 24000] = 16000
    volume: float | None = Field(default=None, ge=0.5, le=2)
    emotion: str | None = None
    pronunciation_dict_id: str | None = None


class ElevenLabsOptions(Options):
    """Of ElevenLabs."""

    sample_rate: Literal[8000, 16000, 22050, 24000] = 16000
    stability: float | None = Field(default=None, ge=0, le=1)
    similarity_boost: float | None = Field(default=None, ge=0, le=1)
    style: float | None = Field(default=None, ge=0, le=1)
    use_speaker_boost: bool | None = None
    apply_text_normalization: Literal["auto", "on", "off"] | None = None
    enable_ssml_parsing: bool | None = None
    enable_logging: bool | None = None


class GoogleOptions(Options):
    """Of Google Cloud. All but the rate are for plain voices; Chirp takes text as it is."""

    sample_rate: Literal[8000, 16000, 22050, 24000] = 16000
    pitch: str | None = None
    volume: str | None = None
    emphasis: Literal["strong", "moderate", "reduced", "none"] | None = None
    google_style: Literal["apologetic", "calm", "empathetic", "firm", "lively"] | None = None


class OpenAiOptions(Options):
    """Of OpenAI."""

    instructions: str | None = None


class DeepgramOptions(Options):
    """Of Deepgram."""

    sample_rate: Literal[8000, 16000, 24000] = 16000
    mip_opt_out: bool | None = None


class AzureOptions(Options):
    """Of Azure."""

    sample_rate: Literal[8000, 16000, 22050, 24000] = 16000
    effect: str | None = None
    emphasis: str | None = None
    force_locale: bool = False
    pitch: str | None = None
    role: str | None = None
    style: str | None = None
    style_degree: str | None = None
    voice_parameters: str | None = None
    volume: str | None = None


class PollyOptions(Options):
    """Of Amazon Polly."""

    pitch: str | None = None
    volume: str | None = None
    lexicon_names: list[str] | None = None


T = TypeVar("T", bound=Options)

_OPTIONS: dict[str, type[Options]] = {
    "cartesia": CartesiaOptions,
    "elevenlabs": ElevenLabsOptions,
    "google": GoogleOptions,
    "openai": OpenAiOptions,
    "deepgram": DeepgramOptions,
    "azure": AzureOptions,
    "aws": PollyOptions,
    "piper": Options,
}

_SPEEDS = {
    "cartesia": (0.6, 1.5),
    "elevenlabs": (0.7, 1.2),
    "google": (0.25, 2.0),
    "openai": (0.25, 4.0),
    "deepgram": (0.7, 1.5),
    "azure": (0.5, 2.0),
    "aws": (0.25, 2.0),
}


def told(kind: str, note: str) -> str:
    """A note on a provider, and what it takes."""
    slow, fast = _SPEEDS[kind]
    options = ", ".join(f"`{name}`" for name in _OPTIONS[kind].model_fields)
    return f"{note} `speed` from {slow:g} to {fast:g}. Options: {options}."


def read_options(kind: type[T], config: TtsConfig) -> T:
    """The options of a configuration that :func:`check_options` has let through."""
    return kind.model_validate(config.options)


def at_rate(config: TtsConfig, rate: int) -> TtsConfig:
    """The same voice at a rate in Hz, if it can speak at it and no other rate was asked for."""
    kind = _OPTIONS.get(config.type)
    if kind is None:
        return config
    options = {"sample_rate": rate, **config.options}
    try:
        kind.model_validate(options)
    except ValidationError:
        return config
    return config.model_copy(update={"options": options})


def check_options(config: TtsConfig, where: str) -> None:
    """Refuse options the provider does not have or that are out of their limits, and a speed it cannot speak at.

    Raises:
        BadConfiguration: Naming the option and what there is.
    """
    kind = _OPTIONS[config.type]
    try:
        kind.model_validate(config.options)
    except ValidationError as e:
        error = e.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields) or "none"
            raise BadConfiguration(f"{where}.options.{name}: {config.type} has no such option; it has: {known}") from e
        raise BadConfiguration(f"{where}.options.{name}: {error['msg']}") from e
    limits = _SPEEDS.get(config.type)
    if config.speed is not None and limits is not None and not limits[0] <= config.speed <= limits[1]:
        raise BadConfiguration(
            f"{where}.speed: {config.type} speaks at {limits[0]:g} to {limits[1]:g} of a voice's speed, "
            f"not at {config.speed:g}"
        )
