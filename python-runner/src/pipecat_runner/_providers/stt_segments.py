"""What recognisers that are sent each utterance as a file have in common."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from pipecat.frames.frames import ErrorFrame, Frame, TranscriptionFrame
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.time import time_now_iso8601

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.stt_steady import category_of

if TYPE_CHECKING:

    class _Segmented(SegmentedSTTService):
        """pipecat's classes of such services, as far as they are used here."""

        async def _handle_transcription(self, transcript: str, is_final: bool, language: Any = None) -> None: ...

else:
    _Segmented = SegmentedSTTService


class UtteranceByUtterance(_Segmented):
    """Comes before pipecat's class among the bases.

    pipecat's classes report a failure as a sentence, from which nobody can tell a wrong key from a busy server.
    """

    answered_at = 0.0
    """When the provider last answered, on the monotonic clock."""

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Ask for the text of one utterance (WAV)."""
        await self.start_processing_metrics()
        try:
            text = await self._text_of(audio)
            self.answered_at = time.monotonic()
        except Exception as e:  # noqa: BLE001 - whatever it was, the call goes on without this utterance
            yield ErrorFrame(error=f"{self.name}: {type(e).__name__}", exception=e)
            return
        finally:
            await self.stop_processing_metrics()
        if text:
            await self._handle_transcription(text, True, None)
            yield TranscriptionFrame(text, self._user_id, time_now_iso8601())

    async def _text_of(self, audio: bytes) -> str:
        try:
            answer = await self._ask(audio)
        except ValueError as e:
            # From reading the answer; what was asked was checked before.
            raise MalformedAnswer(type(e).__name__) from e
        if not isinstance(answer, str):
            raise MalformedAnswer("no text in the answer")
        return answer.strip()

    @abstractmethod
    async def _ask(self, audio: bytes) -> Any:
        """Send an utterance and wait for its text."""

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        return super()._classify_error(exception) or category_of(exception)
