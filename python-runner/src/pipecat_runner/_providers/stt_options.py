"""What only one provider's recogniser takes: ``agent.stt.options``."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipecat_runner._agent import SttConfig
from pipecat_runner._errors import BadConfiguration


class Options(BaseModel):
    """Base of all: an unknown option is an error. Field names are those of pipecat's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self, *but: str) -> dict[str, Any]:
        """What was set, without these."""
        return self.model_dump(exclude_none=True, exclude=set(but))


class DeepgramOptions(Options):
    """Of Deepgram's nova models."""

    diarize: bool | None = None
    endpointing: int | bool | None = None
    keyterm: list[str] | None = None
    keywords: list[str] | None = None
    numerals: bool | None = None
    profanity_filter: bool | None = None
    punctuate: bool | None = None
    redact: list[str] | None = None
    replace: list[str] | None = None
    smart_format: bool | None = None
    tag: list[str] | None = None
    mip_opt_out: bool | None = None


class FluxOptions(Options):
    """Of Deepgram's flux models."""

    eager_eot_threshold: float | None = Field(default=None, ge=0.3, le=0.9)
    eot_threshold: float | None = Field(default=None, ge=0.5, le=1)
    eot_timeout_ms: int | None = Field(default=None, ge=500, le=60_000)
    keyterm: list[str] | None = None
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    numerals: bool | None = None
    profanity_filter: bool | None = None
    tag: list[str] | None = None
    mip_opt_out: bool | None = None


class OpenAiOptions(Options):
    """Of OpenAI: ``realtime`` streams over a WebSocket, otherwise each utterance is sent as a file."""

    realtime: bool = False
    prompt: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    noise_reduction: Literal["near_field", "far_field"] | None = None


class WhisperApiOptions(Options):
    """Of OpenAI's Whisper."""

    prompt: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)


class GoogleOptions(Options):
    """Of Google Cloud. ``project_id`` is that of the credentials unless it is given."""

    project_id: str | None = None
    enable_automatic_punctuation: bool | None = None
    enable_spoken_punctuation: bool | None = None
    profanity_filter: bool | None = None
    enable_word_confidence: bool | None = None
    adaptation: dict[str, Any] | None = None
    denoiser_config: dict[str, Any] | None = None


class AssemblyAiOptions(Options):
    """Of AssemblyAI."""

    keyterms_prompt: list[str] | None = None
    prompt: str | None = None
    format_turns: bool | None = None
    min_turn_silence: int | None = Field(default=None, ge=0, le=10_000)
    vad_threshold: float | None = Field(default=None, ge=0, le=1)
    domain: str | None = None
    mode: Literal["min_latency", "balanced", "max_accuracy"] | None = None
    voice_focus: Literal["near-field", "far-field"] | None = None


class CartesiaOptions(Options):
    """Of Cartesia."""

    keyterm: list[str] | None = None


class ElevenLabsOptions(Options):
    """Of ElevenLabs."""

    keyterms: list[str] | None = None
    no_verbatim: bool | None = None
    tag_audio_events: bool | None = None
    filter_background_audio: bool | None = None
    enable_logging: bool | None = None


class AzureOptions(Options):
    """Of Azure."""

    profanity: Literal["raw", "masked", "removed"] | None = None
    segmentation_silence_timeout_ms: int | None = Field(default=None, ge=100, le=5000)
    endpoint_id: str | None = None


K = TypeVar("K", bound=Options)


def read_options(kind: type[K], config: SttConfig, where: str = "agent.stt") -> K:
    """The options of a configuration.

    Raises:
        BadConfiguration: Naming the one the provider does not have or that is out of its limits, and what there is.
    """
    try:
        return kind.model_validate(config.options)
    except ValidationError as e:
        error = e.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields) or "none"
            raise BadConfiguration(f"{where}.options.{name}: {config.type} has no such option; it has: {known}") from e
        raise BadConfiguration(f"{where}.options.{name}: {error['msg']}") from e
