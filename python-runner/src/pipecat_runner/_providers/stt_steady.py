"""What a recogniser behind a WebSocket needs in a telephone call, and pipecat's do not do by themselves."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from pipecat.frames.frames import Frame, VADUserStoppedSpeakingFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.services.stt_service import STTService
from pipecat.utils.errors import ErrorCategory, classify_http_status_code, extract_http_status_code
from pydantic import ValidationError
from websockets import ConnectionClosed, InvalidHandshake
from websockets.protocol import State

from pipecat_runner._errors import MalformedAnswer

# The provider's servers answer a handshake in tenths of a second; after this long another attempt is worth more.
DIAL_SECS = 5.0
# pipecat's rule for a socket: three connections in a row that did not live for five seconds are the end.
MAX_FAILURES = 3
STABLE_SECS = 5.0
# Between attempts; the first one follows a loss at once.
BACKOFF_SECS = (0.5, 4.0)
# A peer that is gone does not answer the closing handshake; the call's end does not wait for it.
CLOSE_SECS = 0.5
# What the caller says while there is no connection, kept for the next.
HELD_SECS = 10.0


if TYPE_CHECKING:

    class _Socket(STTService):
        """pipecat's two bases of such services, as far as they are used here."""

        _websocket: Any
        _disconnecting: bool
        _ws_close_timeout: float
        _reconnect_backoff_min_wait: float
        _reconnect_backoff_max_wait: float

        async def _connect(self) -> None: ...
        async def _disconnect(self) -> None: ...
        async def _websocket_connect(self, uri: str, **kwargs: Any) -> Any: ...
        async def _maybe_try_reconnect(self, error_message: str, report_error: Any, error: Any = None) -> bool: ...

else:
    _Socket = STTService


class SteadySocket(_Socket):
    """Comes before pipecat's class among the bases.

    The provider is dialled while the call is set up, not before: one that does not answer keeps no caller from being
    greeted. What the caller says while there is no connection is sent over the next. Each failure has its kind.
    """

    held_secs = HELD_SECS

    def __init__(self, **given: Any) -> None:
        """Take what pipecat's class takes."""
        super().__init__(**given)
        self._reconnect_backoff_min_wait, self._reconnect_backoff_max_wait = BACKOFF_SECS
        self._ws_close_timeout = CLOSE_SECS
        self._setting_up = False
        self._dialling: Any = None
        self._held: deque[bytes] = deque()
        self._commit_due = False
        self._reported = False
        self.answered_at = 0.0
        """When the provider last said something, on the monotonic clock."""

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override] # so are pipecat's classes
        """Begin to dial."""
        self._setting_up = True
        try:
            await super().setup(setup)
        finally:
            self._setting_up = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Remember that the caller fell silent, if there is nobody to tell."""
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            if not self.is_connected():
                self._commit_due = True
            elif self._held:
                # The connection has just been made; what the caller said goes before the end of it.
                await self.process_generator(self._send_held())
        await super().process_frame(frame, direction)

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Send audio, what was held first."""
        self._held.append(audio)
        if not self.is_connected():
            while sum(map(len, self._held)) > self.held_secs * self.sample_rate * 2:
                self._held.popleft()
            yield None
            return
        async for frame in self._send_held():
            yield frame
        if self._commit_due and not self._held:
            self._commit_due = False
            await self._commit()

    async def _send_held(self) -> AsyncGenerator[Frame | None, None]:
        while self._held and self.is_connected():
            async for frame in super().run_stt(self._held.popleft()):
                yield frame

    def is_connected(self) -> bool:
        """Whether audio can be sent."""
        return self._websocket is not None and self._websocket.state is State.OPEN

    async def renew(self) -> None:
        """Leave a connection over which nothing comes for another one."""
        if self._websocket is not None:
            self._reported = True
            await self._websocket.close()

    async def _commit(self) -> None:
        """Ask for the transcript of what was sent; nothing where the provider finds the end by itself."""

    async def _connect(self) -> None:
        if self._setting_up:
            self._dialling = self.create_task(super()._connect(), "dial")
        else:
            await super()._connect()

    async def _disconnect(self) -> None:
        if self._dialling is not None:
            dialling, self._dialling = self._dialling, None
            await self.cancel_task(dialling)
        await super()._disconnect()

    async def _websocket_connect(self, uri: str, **kwargs: Any) -> Any:
        kwargs.setdefault("open_timeout", DIAL_SECS)
        return await super()._websocket_connect(uri, **kwargs)

    async def _maybe_try_reconnect(self, error_message: str, report_error: Any, error: Any = None) -> bool:
        lost = error is None or isinstance(error, ConnectionClosed)
        if lost and not self._reported and not self._disconnecting:
            await self._fail("the connection was lost", ErrorCategory.CONNECTIVITY)
        self._reported = False
        return await super()._maybe_try_reconnect(error_message, report_error, error)

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        return super()._classify_error(exception) or category_of(exception)

    async def _read(self, take: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Read the socket until it ends.

        Args:
            take: Given each message, a JSON object.

        Raises:
            MalformedAnswer: A message is not what the protocol promises; the caller of this dials anew.
        """
        if self._websocket is None:
            raise ConnectionError("not connected")
        async for message in self._websocket:
            try:
                await take(read_object(message))
                self.answered_at = time.monotonic()
            except (MalformedAnswer, AttributeError, KeyError, TypeError, ValidationError) as e:
                raise await self._malformed(e) from e

    async def _fail(self, message: str, category: ErrorCategory) -> None:
        """Report what the provider said in its own protocol. Its words stay out: they may quote the caller."""
        self._reported = True
        await self.push_error(error_msg=f"{self.name}: {message}", category=category)

    async def _malformed(self, error: Exception) -> MalformedAnswer:
        """Report a message that cannot be understood; raised then, it makes the socket be dialled anew."""
        self._reported = True
        malformed = MalformedAnswer(f"{type(error).__name__} in an answer")
        await self.push_error(error_msg=f"{self.name}: malformed answer", exception=malformed)
        return malformed


def read_object(message: str | bytes) -> dict[str, Any]:
    """The JSON object of a message.

    Raises:
        MalformedAnswer: It is none.
    """
    try:
        data = json.loads(message)
    except ValueError as e:
        raise MalformedAnswer("not JSON") from e
    if not isinstance(data, dict):
        raise MalformedAnswer("not a JSON object")
    return data


def category_of(exception: Exception) -> ErrorCategory | None:
    """What pipecat does not know about the exceptions of sockets: those of a connection that broke or never was."""
    broke = isinstance(exception, (ConnectionClosed, InvalidHandshake, EOFError, OSError))
    return ErrorCategory.CONNECTIVITY if broke and extract_http_status_code(exception) is None else None


def category_of_status(status: object) -> ErrorCategory:
    """The kind of failure an HTTP status in a provider's message stands for."""
    return classify_http_status_code(status) if isinstance(status, int) else ErrorCategory.UNKNOWN
