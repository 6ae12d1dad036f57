"""ElevenLabs' Scribe: a stream, or an utterance as a file."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.elevenlabs.stt import ElevenLabsRealtimeSTTService, ElevenLabsSTTService
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_segments import UtteranceByUtterance
from pipecat_runner._providers.stt_steady import SteadySocket

_KINDS = {
    "auth_error": ErrorCategory.AUTHENTICATION,
    "unaccepted_terms": ErrorCategory.AUTHORIZATION,
    "quota_exceeded": ErrorCategory.QUOTA,
    "rate_limited": ErrorCategory.RATE_LIMIT,
    "commit_throttled": ErrorCategory.RATE_LIMIT,
    "queue_overflow": ErrorCategory.RATE_LIMIT,
    "resource_exhausted": ErrorCategory.RATE_LIMIT,
    "invalid_request": ErrorCategory.INVALID_REQUEST,
    "input_error": ErrorCategory.INVALID_REQUEST,
    "chunk_size_exceeded": ErrorCategory.INVALID_REQUEST,
    "transcriber_error": ErrorCategory.SERVER,
    "session_time_limit_exceeded": ErrorCategory.CONNECTIVITY,
    "error": ErrorCategory.UNKNOWN,
}
# The caller said nothing; the provider closes, and the next connection is dialled.
_NO_FAILURE = "insufficient_audio_activity"


class SteadyScribe(SteadySocket, ElevenLabsRealtimeSTTService):
    """Scribe as a stream; a transcript is committed when the caller falls silent."""

    async def _websocket_connect(self, uri: str, **kwargs: Any) -> Any:
        # pipecat puts wss:// before whatever it was given.
        return await super()._websocket_connect(uri.replace("wss://ws://", "ws://", 1), **kwargs)

    async def _commit(self) -> None:
        chunk = {"message_type": "input_audio_chunk", "audio_base_64": "", "commit": True}
        await self._websocket.send(json.dumps({**chunk, "sample_rate": self.sample_rate}))

    async def _receive_messages(self) -> None:
        await self._read(self._take)

    async def _take(self, data: dict[str, Any]) -> None:
        kind = data.get("message_type")
        if not isinstance(kind, str):
            raise MalformedAnswer("a message without a type")
        if kind in _KINDS:
            await self._fail(f"the provider reports {kind}", _KINDS[kind])
        elif kind != _NO_FAILURE:
            await self._process_response(data)


class FilesToScribe(UtteranceByUtterance, ElevenLabsSTTService):
    """Scribe, given each utterance as a file."""

    _settings: Any
    _session: Any

    def __init__(self, *, timeout_secs: float, **given: Any) -> None:
        """Take what pipecat's class takes, and how long one answer may take."""
        # A session belongs to a loop, which there is none of yet.
        nothing: Any = None
        super().__init__(aiohttp_session=nothing, **given)
        self._timeout = aiohttp.ClientTimeout(total=timeout_secs)

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override] # so are pipecat's classes
        """Open the connections' pool."""
        await super().setup(setup)
        self._session = aiohttp.ClientSession(timeout=self._timeout, raise_for_status=True)

    async def cleanup(self) -> None:
        """Close the connections."""
        await super().cleanup()
        if self._session is not None:
            await self._session.close()

    async def _ask(self, audio: bytes) -> Any:
        form = aiohttp.FormData()
        form.add_field("file", audio, filename="audio.wav", content_type="audio/x-wav")
        for name, value in self._fields():
            form.add_field(name, value)
        url = f"{self._base_url}/v1/speech-to-text"
        async with self._session.post(url, data=form, headers={"xi-api-key": self._api_key}) as response:
            answer = await response.json(content_type=None)
        return answer.get("text") if isinstance(answer, dict) else None

    def _fields(self) -> list[tuple[str, str]]:
        settings = self._settings
        fields = [("model_id", str(settings.model))]
        if settings.language:
            fields.append(("language_code", str(settings.language)))
        flags = {"tag_audio_events": settings.tag_audio_events, "no_verbatim": settings.no_verbatim}
        fields.extend((name, str(value).lower()) for name, value in flags.items() if isinstance(value, bool))
        return fields + [("keyterms", term) for term in settings.keyterms or []]
