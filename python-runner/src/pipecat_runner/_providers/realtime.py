"""Speech-to-speech models: they hear and speak themselves, so that an agent has neither ``stt`` nor ``tts``."""

from __future__ import annotations

from collections.abc import Mapping

from pipecat_runner._agent import LlmConfig
from pipecat_runner._providers.llm_services import Llm, key_of, settings_of
from pipecat_runner._providers.table import Provider
from pipecat_runner._speech.local import LocalSpeech

_OPENAI_VOICE = "marin"
_GEMINI_VOICE = "Charon"
_OPENAI_LEFT_OUT = dict.fromkeys(
    ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed"), "the Realtime API has no such setting"
)


def _openai_realtime(config: LlmConfig, _: LocalSpeech) -> Llm:
    from pipecat.services.openai.realtime import events

    from pipecat_runner._providers.openai_realtime import RealtimeModel

    settings = settings_of(RealtimeModel, config, without=_OPENAI_LEFT_OUT)
    properties = settings.session_properties if settings.session_properties else events.SessionProperties()
    language = config.language.split("-")[0] if config.language else None
    properties.audio = events.AudioConfiguration(
        input=events.AudioInput(
            # Turns are taken here: what the caller interrupts is the same with every model.
            turn_detection=False,
            transcription=events.InputAudioTranscription(model="gpt-4o-transcribe", language=language),
        ),
        output=events.AudioOutput(voice=config.voice or _OPENAI_VOICE),
    )
    properties.max_output_tokens = config.max_tokens
    settings.max_tokens = None
    settings.session_properties = properties
    elsewhere = {"base_url": config.base_url} if config.base_url else {}
    service = RealtimeModel(api_key=key_of(config), settings=settings, **elsewhere)
    service.stall_secs = config.stall_secs
    return service


def _gemini_live(config: LlmConfig, _: LocalSpeech) -> Llm:
    from google.genai.types import HttpOptions
    from pipecat.services.google.gemini_live.llm import GeminiVADParams

    from pipecat_runner._providers.gemini_live import LiveModel

    settings = settings_of(LiveModel, config)
    settings.voice = config.voice or _GEMINI_VOICE
    settings.vad = GeminiVADParams(disabled=True)
    if config.language:
        settings.language = config.language
    service = LiveModel(api_key=key_of(config), settings=settings, http_options=HttpOptions(base_url=config.base_url))
    service.stall_secs = config.stall_secs
    return service


PROVIDERS: Mapping[str, Provider[LlmConfig, Llm]] = {
    "openai_realtime": Provider(
        _openai_realtime,
        title="OpenAI Realtime",
        key_variable="OPENAI_API_KEY",
        address_variable="OPENAI_REALTIME_BASE_URL",
        model="gpt-realtime-2.1",
        model_pattern=r"gpt-(\S+-)?realtime\S*",
        voice=_OPENAI_VOICE,
        example="llm: {type: openai_realtime, model: gpt-realtime-2.1, voice: marin}",
        left_out=_OPENAI_LEFT_OUT,
        note="Hears and speaks itself. Its address is a WebSocket's, `wss://host/v1/realtime`.",
        speech_to_speech=True,
    ),
    "gemini_live": Provider(
        _gemini_live,
        title="Google Gemini Live",
        key_variable="GOOGLE_API_KEY",
        address_variable="GOOGLE_GEMINI_BASE_URL",
        extra="google",
        modules=("google.genai",),
        model="gemini-3.8-live",
        model_pattern=r"(models/)?gemini-\S*live\S*|(models/)?gemini-\S*native-audio\S*",
        voice=_GEMINI_VOICE,
        example="llm: {type: gemini_live, model: gemini-3.8-live, voice: Charon}",
        note="Hears and speaks itself. Its address must be one with TLS: Google's client asks for nothing else.",
        speech_to_speech=True,
    ),
}
