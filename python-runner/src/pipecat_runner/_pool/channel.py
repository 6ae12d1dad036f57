"""What parent and worker say to each other: messages over a socket pair, in order.

A message is a JSON object with its kind under ``t``, and a body of bytes.

===========  ================  ================================================================================
kind         from              holds
===========  ================  ================================================================================
``settings`` parent, first     ``worker`` (its number), ``settings``
``request``  parent            ``n``, ``method``, ``target`` (path and query), ``type`` of the body; the body
``end``      parent            ``lost``: whether calls that are cut off are to be started again elsewhere
``taken``    worker            ``n`` of a request it has begun with
``answer``   worker            ``n`` of the request, ``status``, ``type`` of the body; the body
``ended``    worker            ``id`` of a call that is no longer there, before any answer that tells of it
``report``   worker            how it is, see ``report``; also what it has counted since the last
===========  ================  ================================================================================
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import Any

_LENGTHS = struct.Struct("!II")

Head = dict[str, Any]


class Channel:
    """One end. Belongs to an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use streams that are open; see :meth:`open`."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> Channel:
        """Take over one socket of a pair."""
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, head: Head, body: bytes = b"") -> None:
        """Queue a message behind those before it. To an end that is gone it is lost."""
        self._writer.write(encode(head, body))

    async def drain(self) -> None:
        """Wait until the other end has taken most of what was sent, or is gone."""
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def receive(self) -> tuple[Head, bytes]:
        """Wait for the next message.

        Raises:
            EOFError: The other end is gone.
        """
        try:
            head_size, body_size = _LENGTHS.unpack(await self._reader.readexactly(_LENGTHS.size))
            head: Head = json.loads(await self._reader.readexactly(head_size))
            return head, await self._reader.readexactly(body_size)
        except (asyncio.IncompleteReadError, ConnectionError) as e:
            raise EOFError("the other end of the channel is gone") from e

    async def close(self) -> None:
        """Give the socket back."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def encode(head: Head, body: bytes = b"") -> bytes:
    """A message as bytes."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(text), len(body)) + text + body


def receive_first(end: socket.socket) -> Head:
    """Read the first message, before there is an event loop.

    Raises:
        EOFError: The other end is gone.
    """
    head_size, body_size = _LENGTHS.unpack(_exactly(end, _LENGTHS.size))
    head: Head = json.loads(_exactly(end, head_size))
    _exactly(end, body_size)
    return head


def _exactly(end: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = end.recv(size - len(parts))
        if not part:
            raise EOFError("the other end of the channel is gone")
        parts += part
    return bytes(parts)
