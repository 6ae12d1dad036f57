"""OpenAI: an utterance as a file, or a stream over its Realtime API."""

from __future__ import annotations

from typing import Any

from openai import APIConnectionError, APITimeoutError, omit
from pipecat.services.openai.stt import OpenAIRealtimeSTTService, OpenAISTTService
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_segments import UtteranceByUtterance
from pipecat_runner._providers.stt_steady import SteadySocket

# What the Realtime API says about an empty buffer: the caller fell silent without having been heard. Nothing failed.
_EMPTY = "input_audio_buffer_commit_empty"
_KINDS = {
    "invalid_api_key": ErrorCategory.AUTHENTICATION,
    "insufficient_quota": ErrorCategory.QUOTA,
    "rate_limit_exceeded": ErrorCategory.RATE_LIMIT,
    "model_not_found": ErrorCategory.INVALID_REQUEST,
    "invalid_model": ErrorCategory.INVALID_REQUEST,
    "session_expired": ErrorCategory.CONNECTIVITY,
}
_KINDS_BY_TYPE = {
    "authentication_error": ErrorCategory.AUTHENTICATION,
    "permission_error": ErrorCategory.AUTHORIZATION,
    "server_error": ErrorCategory.SERVER,
}


class FilesToOpenAI(UtteranceByUtterance, OpenAISTTService):  # type: ignore[misc] # pipecat's yields less
    """Sends each utterance as a file.

    pipecat's client waits ten minutes for an answer, and it insists on a language; without one the model finds out.
    """

    _settings: Any

    def __init__(self, *, language: str | None, timeout_secs: float, **given: Any) -> None:
        """Take what pipecat's class takes, the language's two letters, and how long one answer may take."""
        super().__init__(**given)
        self._code = language
        self._client = self._client.with_options(timeout=timeout_secs, max_retries=0)

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        await self._client.close()

    async def _ask(self, audio: bytes) -> Any:
        temperature = self._settings.temperature
        try:
            answer = await self._client.audio.transcriptions.create(
                file=("audio.wav", audio, "audio/wav"),
                model=str(self._settings.model),
                language=self._code or omit,
                prompt=self._settings.prompt or omit,
                temperature=omit if temperature is None else temperature,
            )
        except APITimeoutError as e:
            raise TimeoutError("no answer in time") from e
        except APIConnectionError as e:
            raise ConnectionError("no connection") from e
        return getattr(answer, "text", None)

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        # Status 429 is both too fast and no more credit.
        quota = getattr(exception, "code", None) == "insufficient_quota"
        return ErrorCategory.QUOTA if quota else super()._classify_error(exception)


class StreamToOpenAI(SteadySocket, OpenAIRealtimeSTTService):
    """Streams to the Realtime API.

    pipecat's class closes the connection at every error the API reports; most leave the session as it was.
    """

    def is_connected(self) -> bool:
        """Whether the session is configured: audio that comes before would be heard with the defaults."""
        return super().is_connected() and self._session_ready

    async def _commit(self) -> None:
        await self._commit_audio_buffer()

    async def _receive_messages(self) -> None:
        await self._read(self._take)

    async def _take(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "session.created":
            await self._handle_session_created(event)
        elif kind == "session.updated":
            await self._handle_session_updated(event)
        elif kind == "conversation.item.input_audio_transcription.delta":
            await self._handle_transcription_delta(event)
        elif kind == "conversation.item.input_audio_transcription.completed":
            await self._handle_transcription_completed(event)
        elif kind in ("error", "conversation.item.input_audio_transcription.failed"):
            await self._refused(event["error"])
        elif not isinstance(kind, str):
            raise MalformedAnswer("an event without a type")

    async def _refused(self, error: dict[str, Any]) -> None:
        code, kind = str(error.get("code")), str(error.get("type"))
        if code == _EMPTY:
            return
        category = _KINDS.get(code) or _KINDS_BY_TYPE.get(kind) or ErrorCategory.UNKNOWN
        await self._fail("the provider reports an error", category)
