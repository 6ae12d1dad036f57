"""Google Cloud speech to text, version 2, over gRPC. Needs the extra ``google``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import speech_v2
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport
from google.cloud.speech_v2.types import cloud_speech
from google.oauth2 import service_account
from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.google.stt import GoogleSTTService
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.network import exponential_backoff_time

from pipecat_runner._errors import BadConfiguration, MalformedAnswer
from pipecat_runner._providers.stt_steady import BACKOFF_SECS, HELD_SECS, MAX_FAILURES, STABLE_SECS

# Google ends a stream after five minutes.
_STREAM_SECS = 240.0
_KINDS = {
    grpc.StatusCode.UNAUTHENTICATED: ErrorCategory.AUTHENTICATION,
    grpc.StatusCode.PERMISSION_DENIED: ErrorCategory.AUTHORIZATION,
    grpc.StatusCode.INVALID_ARGUMENT: ErrorCategory.INVALID_REQUEST,
    grpc.StatusCode.NOT_FOUND: ErrorCategory.INVALID_REQUEST,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorCategory.RATE_LIMIT,
    grpc.StatusCode.INTERNAL: ErrorCategory.SERVER,
    grpc.StatusCode.UNKNOWN: ErrorCategory.SERVER,
}


class SteadyGoogle(GoogleSTTService):
    """Streams until the call ends.

    pipecat's class dials for ever, once a second, when it is refused, knows no kinds of failures, and makes its
    client where it is made itself, which is not where it runs.
    """

    _request_queue: asyncio.Queue[bytes | None]

    def __init__(self, *, key: str, base_url: str | None, location: str, project_id: str | None, **given: Any) -> None:
        """Take what pipecat's class takes.

        Args:
            key: A service account: its JSON, or the path of its file.
            base_url: Another address; ``http://`` is spoken to without TLS and without credentials.
            location: Google's, such as ``global`` or ``eu``.
            project_id: Another project than the service account's.
            given: The rest.

        Raises:
            BadConfiguration: The service account cannot be read.
        """
        account = _account(key)
        with _some_loop():
            super().__init__(credentials=json.dumps(account), location=location, **given)
        self._account, self._base_url = account, base_url
        self._project_id = project_id or self._project_id
        self._reported: Exception | None = None
        self.answered_at = 0.0
        """When the provider last said something, on the monotonic clock."""

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override] # so are pipecat's classes
        """Make the client, whose channel belongs to the loop it is made on, and begin to stream."""
        self._client = self._make_client()
        await super().setup(setup)

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        await self._client.transport.close()

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Queue audio; what waits for a stream too long is forgotten."""
        async for frame in super().run_stt(audio):
            yield frame
        while self._request_queue.qsize() * len(audio) > HELD_SECS * self.sample_rate * 2:
            self._request_queue.get_nowait()

    async def push_error_frame(self, error: ErrorFrame, force_treat_as_permanent: bool = False) -> None:
        """Report once what is reported at each level it passes."""
        if error.exception is not self._reported or force_treat_as_permanent:
            self._reported = error.exception
            await super().push_error_frame(error, force_treat_as_permanent)

    async def _stream_audio(self) -> None:
        failures = 0
        while failures < MAX_FAILURES and self.is_usable:
            if failures:
                await asyncio.sleep(exponential_backoff_time(failures, *BACKOFF_SECS, multiplier=0.5))
            began = time.monotonic()
            try:
                responses = await self._client.streaming_recognize(requests=self._request_generator(), retry=None)
                await self._process_responses(self._noted(responses))
                failure: Exception = ConnectionError("the stream was ended")
            except Exception as e:  # noqa: BLE001 - whatever it was, it is reported and followed by another attempt
                failure = e
            finally:
                self._renew_queue()
            lasted = time.monotonic() - began
            failures = 0 if lasted >= STABLE_SECS else failures + 1
            if lasted < _STREAM_SECS:
                await self.push_error(
                    f"{self.name}: {type(failure).__name__}",
                    failure,
                    force_treat_as_permanent=failures >= MAX_FAILURES,
                )

    async def _noted(self, responses: AsyncIterable[Any]) -> AsyncIterator[Any]:
        async for response in responses:
            if response is None:
                # What gRPC makes of bytes that are not the message they should be.
                raise MalformedAnswer("not a message")
            yield response
            self.answered_at = time.monotonic()

    async def _request_generator(self) -> AsyncGenerator[cloud_speech.StreamingRecognizeRequest, None]:
        queue, ends = self._request_queue, time.monotonic() + _STREAM_SECS
        recognizer = f"projects/{self._project_id}/locations/{self._location}/recognizers/_"
        yield cloud_speech.StreamingRecognizeRequest(recognizer=recognizer, streaming_config=self._config)
        while time.monotonic() < ends and (audio := await queue.get()) is not None:
            yield cloud_speech.StreamingRecognizeRequest(audio=audio)

    def _renew_queue(self) -> None:
        """Give what waits to the next stream, and let go of the reader of the last one."""
        last, self._request_queue = self._request_queue, asyncio.Queue()
        while not last.empty():
            self._request_queue.put_nowait(last.get_nowait())
        last.put_nowait(None)

    def _make_client(self) -> speech_v2.SpeechAsyncClient:
        if self._base_url is not None and self._base_url.startswith("http://"):
            channel = grpc.aio.insecure_channel(urlsplit(self._base_url).netloc)
            return speech_v2.SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))
        regional = f"{self._location}-speech.googleapis.com" if self._location != "global" else None
        host = self._base_url.removeprefix("https://").rstrip("/") if self._base_url is not None else regional
        return speech_v2.SpeechAsyncClient(
            credentials=service_account.Credentials.from_service_account_info(self._account),
            client_options=ClientOptions(api_endpoint=host) if host is not None else None,
        )

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        if isinstance(exception, GoogleAPICallError):
            return _KINDS.get(exception.grpc_status_code, ErrorCategory.CONNECTIVITY)
        if isinstance(exception, GoogleAuthError):
            unreachable = isinstance(exception, TransportError)
            return ErrorCategory.CONNECTIVITY if unreachable else ErrorCategory.AUTHENTICATION
        return super()._classify_error(exception)


@contextlib.contextmanager
def _some_loop() -> Iterator[None]:
    """A loop for pipecat's class: it makes a client at once, in a thread that has none."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            yield
        finally:
            asyncio.set_event_loop(None)
            loop.close()
    else:
        yield


def _account(key: str) -> dict[str, Any]:
    """The service account in a JSON text, or in the file of a path.

    Raises:
        BadConfiguration: There is none.
    """
    try:
        account = json.loads(key if key.lstrip().startswith("{") else Path(key).read_text())
        service_account.Credentials.from_service_account_info(account)
    except (OSError, ValueError, AttributeError) as e:
        raise BadConfiguration(
            "agent.stt.api_key: google needs a service account, as its JSON text or the path of its file "
            f"(GOOGLE_APPLICATION_CREDENTIALS); what is there cannot be read: {type(e).__name__}"
        ) from e
    return dict(account)
