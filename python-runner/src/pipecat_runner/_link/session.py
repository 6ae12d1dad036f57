"""The WebSocket to the daemon: dialled before the pipeline exists, closed after it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import websockets
from loguru import logger
from pipecat.frames.frames import Frame, OutputTransportMessageUrgentFrame
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from websockets.asyncio.client import ClientConnection, connect

from pipecat_runner._errors import LinkRefused

# One protobuf frame holds at most some seconds of audio or one RTVI message.
_MAX_MESSAGE_BYTES = 1 << 20
_OPEN_TIMEOUT_SECS = 5.0
_CLOSE_TIMEOUT_SECS = 2.0
_PING_SECS = 10.0

NORMAL_CLOSURE = 1000
INTERNAL_ERROR = 1011


class LinkSession:
    """One socket. Belongs to the event loop; every method may be called in any state."""

    def __init__(self, url: str, token: str) -> None:
        """Describe a link; nothing is dialled yet.

        Args:
            url: Where the daemon waits, ``ws://…``.
            token: Sent as bearer on the upgrade request.
        """
        self._url = url
        self._token = token
        self._socket: ClientConnection | None = None
        self._closing = False
        self.serializer = ProtobufFrameSerializer()
        self.gone = asyncio.Event()
        """Set when the socket is no longer of use: the daemon closed it, it broke, or :meth:`fail` was called."""
        self.failure: str | None = None
        """Why the runner gave the link up, when it was the runner."""
        self.on_told: Callable[[Frame], None] | None = None
        """Given each message that is sent, before it is."""

    async def open(self) -> None:
        """Dial.

        Raises:
            LinkRefused: The daemon cannot be reached, refuses the upgrade, or does not answer in time.
        """
        try:
            self._socket = await connect(
                self._url,
                additional_headers={"Authorization": f"Bearer {self._token}"},
                compression=None,
                max_size=_MAX_MESSAGE_BYTES,
                open_timeout=_OPEN_TIMEOUT_SECS,
                close_timeout=_CLOSE_TIMEOUT_SECS,
                ping_interval=_PING_SECS,
                ping_timeout=_PING_SECS,
                proxy=None,
            )
        except TimeoutError as e:
            raise LinkRefused(f"the daemon did not accept the link within {_OPEN_TIMEOUT_SECS:g} s") from e
        except websockets.InvalidStatus as e:
            raise LinkRefused(f"the daemon refused the link with HTTP {e.response.status_code}") from e
        except (OSError, websockets.WebSocketException) as e:
            raise LinkRefused(f"the daemon cannot be reached over the link: {type(e).__name__}") from e

    @property
    def is_open(self) -> bool:
        """Whether audio and messages can be sent."""
        return self._socket is not None and self._socket.state is websockets.State.OPEN and not self.gone.is_set()

    async def receive(self) -> str | bytes | None:
        """Wait for the next message; None once the link is gone."""
        if self._socket is None:
            raise RuntimeError("link: receive() before open()")
        try:
            return await self._socket.recv()
        except websockets.ConnectionClosed as e:
            if not self._closing:
                code = e.rcvd.code if e.rcvd else None
                logger.info("link closed by the daemon, code {}", code if code is not None else "none (broken)")
            self.gone.set()
            return None

    async def send(self, frame: Frame) -> bool:
        """Serialize and send a frame; answers whether it was taken."""
        if not self.is_open or self._socket is None:
            return False
        if self.on_told is not None:
            self.on_told(frame)
        payload = await self.serializer.serialize(frame)
        if payload is None:
            return True
        try:
            await self._socket.send(payload)
        except websockets.ConnectionClosed:
            self.gone.set()
            return False
        return True

    async def tell(self, kind: str, data: dict[str, Any]) -> bool:
        """Send an RTVI server message ``{"t": kind, "d": data}``; answers whether it was taken."""
        return await self.send(OutputTransportMessageUrgentFrame(message=_server_message(kind, data)))

    def fail(self, why: str) -> None:
        """Give the link up. The session ends with this as its reason."""
        if self.failure is None and not self.gone.is_set():
            self.failure = why
            self.gone.set()

    async def close(self, *, code: int = NORMAL_CLOSURE, ending: dict[str, Any] | None = None) -> None:
        """Close the socket, after telling the daemon why if ``ending`` is given. A second close does nothing."""
        if self._socket is None or self._closing:
            return
        self._closing = True
        if ending is not None and self._socket.state is websockets.State.OPEN:
            message = OutputTransportMessageUrgentFrame(message=_server_message("call-ending", ending))
            payload = await self.serializer.serialize(message)
            try:
                if payload is not None:
                    await self._socket.send(payload)
            except websockets.ConnectionClosed:
                logger.info("link was closed before the daemon could be told that the call ends")
        await self._socket.close(code)
        self.gone.set()


def _server_message(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"label": "rtvi-ai", "type": "server-message", "data": {"t": kind, "d": data}}


def playout_data(message: object) -> object | None:
    """The ``d`` object when an RTVI message is a playout report, else None."""
    if not isinstance(message, dict) or message.get("type") != "client-message":
        return None
    data = message.get("data")
    if not isinstance(data, dict) or data.get("t") != "playout":
        return None
    d: object = data.get("d")
    return d if d is not None else {}
