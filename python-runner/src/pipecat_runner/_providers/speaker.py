"""What every voice that speaks over the network has in common: its failures are told, and told apart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame, TTSStoppedFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.tts_service import WebsocketTTSService
from pipecat.services.websocket_service import ReportErrorCallback
from pipecat.utils.errors import ErrorCategory, classify_http_status_code
from websockets.exceptions import ConnectionClosed

from pipecat_runner._errors import MalformedAnswer, NoAnswer
from pipecat_runner._link.clock import StreamClock
from pipecat_runner._providers.faults import as_fault, category_of, is_about_form

_NOTHING = Frame()

# Of audio that a service collects before it hands on the first of it. pipecat's half second is heard as a delay; what
# comes too late is covered by what waits at the daemon.
_CHUNK_SECS = 0.1
# A provider that does not answer its handshake must not hold up the start of a call.
_OPEN_SECS = 4.0


class Speaker(StreamClock):
    """Goes in front of a pipecat service: ``class Voice(Speaker, SomeTTSService)``.

    Whatever goes wrong with a sentence is reported as an ``ErrorFrame`` with a category, and the sentence's audio ends
    there: nothing waits for sound that does not come.
    """

    #: Whether ``run_tts`` yields all of a sentence's audio before it returns.
    speaks_inline = False

    def __init__(self, *, stall_secs: float, **kwargs: Any) -> None:
        """Make a voice.

        Args:
            stall_secs: Without sound for this long a sentence counts as failed.
            **kwargs: For pipecat's service.
        """
        # Where run_tts waits for the sound itself, it is the one that says that none came.
        super().__init__(stop_frame_timeout_s=stall_secs + self.speaks_inline, **kwargs)
        self._stall_secs = stall_secs
        # Contexts whose failure was told, those whose sound the provider said was complete, and those that had any.
        self._failed: set[str] = set()
        self._ended: set[str] = set()
        self._sounded: set[str] = set()

    @property
    def chunk_size(self) -> int:
        """Bytes of audio to collect before the first of it is handed on."""
        return int(self.sample_rate * _CHUNK_SECS) * 2

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Synthesize one sentence; an exception is a failure of the provider, not of the pipeline."""
        try:
            async with aclosing(super().run_tts(text, context_id)) as frames:
                while (frame := await self._frame_of(frames)) is not _NOTHING:
                    if isinstance(frame, ErrorFrame):
                        self._failed.add(context_id)
                    yield frame
        except Exception as e:  # noqa: BLE001 - each SDK has its own
            self._failed.add(context_id)
            yield ErrorFrame(error=f"{type(e).__name__} while a sentence was made", exception=as_fault(e))

    async def _frame_of(self, frames: AsyncGenerator[Frame | None, None]) -> Frame | None:
        try:
            async with asyncio.timeout(self._stall_secs):
                return await anext(frames, _NOTHING)
        except TimeoutError as e:
            raise NoAnswer(f"no sound within {self._stall_secs:g} s") from e

    async def on_turn_context_completed(self) -> None:
        """Close the audio of a turn that gets no more of it; pipecat leaves it open if its last sentence failed."""
        if self.speaks_inline or not self.is_usable:
            self._is_yielding_frames_synchronously = True
        await super().on_turn_context_completed()

    async def remove_audio_context(self, context_id: str | None) -> None:
        """Close a context, because its sound is complete or because it has failed."""
        if context_id is not None:
            self._ended.add(context_id)
        await super().remove_audio_context(context_id)

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        """Forget a context that nobody will hear."""
        self._forget(context_id)
        await super().on_audio_context_interrupted(context_id)

    def _forget(self, context_id: str) -> None:
        for contexts in (self._failed, self._ended, self._sounded):
            contexts.discard(context_id)

    async def push_frame(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        """Note which contexts have sound."""
        if isinstance(frame, TTSAudioRawFrame) and frame.context_id is not None:
            self._sounded.add(frame.context_id)
        await super().push_frame(frame, direction)

    async def _apply_force_complete(self, context_id: str) -> None:
        # pipecat takes words that were never timed for spoken. They were not, if nothing of the context was or if it
        # broke off.
        if context_id in self._sounded and context_id not in self._failed:
            await super()._apply_force_complete(context_id)
        else:
            self._aggregated_frame_sequencer.force_complete(context_id, self._word_timestamp_tracker.last_pts)

    async def _record_context_audio_outcome(self, context_id: str, received_audio: bool) -> None:
        # In place of pipecat's, which says the same once more of what has failed already, does not say what kind of
        # failure it was, and decides by itself after how many a voice is given up.
        told, ended = context_id in self._failed, context_id in self._ended
        self._forget(context_id)
        if received_audio or told or not self.is_usable:
            return
        silence: Exception = NoAnswer(f"no sound within {self._stall_secs:g} s")
        if ended:
            silence = MalformedAnswer("the provider was done with a sentence and had sent no sound")
        await self.push_error("a sentence had no sound", exception=silence)

    async def push_error_frame(self, error: ErrorFrame, force_treat_as_permanent: bool = False) -> None:
        """Report an error; where only the provider's words are left of it, they say what kind it is."""
        if self._turn_context_id is not None:
            self._failed.add(self._turn_context_id)
        if error.category is None and error.exception is None:
            error.category = category_of(error.error)
            if error.category is ErrorCategory.UNKNOWN and is_about_form(error.error):
                error.exception = MalformedAnswer("an answer that cannot be read")
        elif error.exception is not None:
            error.exception = as_fault(error.exception)
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
            lost = as_fault(error) if error is not None else ConnectionError("closed by the provider")
            await self.push_error("the connection broke while a sentence was spoken", exception=lost)
            await self._end_sentences()

    async def _end_sentences(self) -> None:
        for context in self.get_audio_contexts():
            self._failed.add(context)
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
