"""What every voice that speaks over the network has in common: its failures are told, and told apart."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from pipecat.frames.frames import ErrorFrame, Frame, TTSStoppedFrame
from pipecat.services.tts_service import WebsocketTTSService
from pipecat.services.websocket_service import ReportErrorCallback
from pipecat.utils.errors import ErrorCategory, classify_http_status_code
from websockets.exceptions import ConnectionClosed

from pipecat_runner._link.clock import StreamClock

# Of audio that a service collects before it hands on the first of it. pipecat's half second is heard as a delay; what
# comes too late is covered by what waits at the daemon.
_CHUNK_SECS = 0.1
# A provider that does not answer its handshake must not hold up the start of a call.
_OPEN_SECS = 4.0

_STATUS = re.compile(r"(?:^|status(?:_code)?\W{1,4}|HTTP\W{1,3}|error \(|code\W{1,4})([45]\d\d)\b", re.IGNORECASE)
# What providers write when they give no number, the most telling first.
_WORDS = {
    ErrorCategory.QUOTA: "quota|credits|payment|LimitExceeded",
    ErrorCategory.RATE_LIMIT: "rate.?limit|too.?many|throttl|concurren|max_active",
    ErrorCategory.AUTHENTICATION: "api.?key|unauthenticated|authenticat|UnrecognizedClient|InvalidSignature"
    "|SignatureDoesNotMatch|InvalidClientToken|ExpiredToken",
    ErrorCategory.AUTHORIZATION: "forbidden|AccessDenied|permission",
    ErrorCategory.INVALID_REQUEST: "not.?found|ValidationException|InvalidSsml|invalid.?argument|unsupported",
    ErrorCategory.SERVER: "ServiceFailure|internal.?(server.)?error|unavailable",
    ErrorCategory.CONNECTIVITY: "connect|timed out|incomplete|prematurely|closed",
}
_WORD_PATTERNS = {category: re.compile(words, re.IGNORECASE) for category, words in _WORDS.items()}


def category_of(text: str) -> ErrorCategory:
    """What kind of failure a provider's own words are about."""
    status = _STATUS.search(text)
    if status is not None:
        return classify_http_status_code(int(status[1]))
    return next((c for c, pattern in _WORD_PATTERNS.items() if pattern.search(text)), ErrorCategory.UNKNOWN)


class Speaker(StreamClock):
    """Goes in front of a pipecat service: ``class Voice(Speaker, SomeTTSService)``.

    Whatever goes wrong with a sentence is reported as an ``ErrorFrame`` with a category, and the sentence's audio ends
    there: nothing waits for sound that does not come.
    """

    #: Whether ``run_tts`` yields all of a sentence's audio before it returns.
    speaks_inline = False

    @property
    def chunk_size(self) -> int:
        """Bytes of audio to collect before the first of it is handed on."""
        return int(self.sample_rate * _CHUNK_SECS) * 2

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence; an exception is a failure of the provider, not of the pipeline."""
        try:
            async with aclosing(super().run_tts(text, context_id)) as frames:
                async for frame in frames:
                    yield frame
        except Exception as e:  # noqa: BLE001 - each SDK has its own
            yield ErrorFrame(error=f"{type(e).__name__} while a sentence was made", exception=e)

    async def on_turn_context_completed(self) -> None:
        """Close the audio of a turn; pipecat leaves it open for three seconds if the last sentence had none."""
        if self.speaks_inline:
            self._is_yielding_frames_synchronously = True
        await super().on_turn_context_completed()

    async def push_error_frame(self, error: ErrorFrame, force_treat_as_permanent: bool = False) -> None:
        """Report an error; where only the provider's words are left of it, they say what kind it is."""
        if error.category is None and error.exception is None:
            error.category = category_of(error.error)
        await super().push_error_frame(error, force_treat_as_permanent)

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        known = super()._classify_error(exception)
        if known is not None:
            return known
        if isinstance(exception, ConnectionClosed):
            category = category_of(exception.rcvd.reason) if exception.rcvd is not None else ErrorCategory.UNKNOWN
            return category if category is not ErrorCategory.UNKNOWN else ErrorCategory.CONNECTIVITY
        # httpx, aiohttp and the OpenAI client, by the names of their errors: none of them is imported here.
        names = {cls.__name__ for cls in type(exception).__mro__}
        if names & {"TransportError", "APIConnectionError", "ClientConnectionError", "ClientPayloadError"}:
            return ErrorCategory.CONNECTIVITY
        code = getattr(exception, "code", None)
        return classify_http_status_code(code) if isinstance(code, int) else None


class _Tapped:
    """A provider's socket, of which somebody sees each message before pipecat does."""

    def __init__(self, socket: Any, take: Callable[[str | bytes], Awaitable[bool]]) -> None:
        self._socket = socket
        self._take = take

    async def send(self, message: str | bytes) -> None:
        await self._socket.send(message)

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        async for message in self._socket:
            if not await self._take(message):
                yield message


class SocketSpeaker(Speaker, WebsocketTTSService):
    """A voice behind a WebSocket, which pipecat opens again when it breaks.

    A sentence that was on its way when that happened is lost, and so is one that the provider refuses: pipecat says
    nothing of the one and waits for the other, here both are errors and end the sentence.
    """

    def _get_websocket(self) -> _Tapped:
        return _Tapped(super()._get_websocket(), self.take)  # type: ignore[misc]

    async def take(self, message: str | bytes) -> bool:
        """See a message of the provider first; True keeps it from pipecat."""
        if not isinstance(message, str) or '"error"' not in message:
            return False
        content = json.loads(message)
        refused = bool(content.get("error")) or content.get("type") == "error"
        if refused:
            await self.refused(message)
        return refused

    async def refused(self, words: str) -> None:
        """Report that the provider will not speak, in its words, and wait for nothing more."""
        category = category_of(words)
        await self.push_error(f"refused by the provider: {category.value}", category=category)
        await self._end_sentences()

    async def sentence_lost(self, error: Exception | None) -> None:
        """Report what the broken connection was to bring, if anything."""
        if self.get_audio_contexts():
            lost = error or ConnectionError("closed by the provider")
            await self.push_error("the connection broke while a sentence was spoken", exception=lost)
            await self._end_sentences()

    async def _end_sentences(self) -> None:
        for context in self.get_audio_contexts():
            await self.append_to_audio_context(context, TTSStoppedFrame(context_id=context))
            await self.remove_audio_context(context)

    async def _websocket_connect(self, uri: str, **kwargs: Any) -> Any:
        kwargs.setdefault("open_timeout", _OPEN_SECS)
        return await super()._websocket_connect(uri, **kwargs)

    async def _maybe_try_reconnect(
        self, error_message: str, report_error: ReportErrorCallback, error: Exception | None = None
    ) -> bool:
        if not self._disconnecting:
            await self.sentence_lost(error)
        return await super()._maybe_try_reconnect(error_message, report_error, error)
