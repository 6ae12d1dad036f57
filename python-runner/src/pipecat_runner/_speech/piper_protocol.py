"""What this process and the Piper worker say to each other over the worker's stdin and stdout.

Every message is a head of nine bytes, big-endian (request number, kind, length of the body), and a body. The worker
answers a ``SPEAK`` with any number of ``AUDIO`` and one ``END`` or ``FAILED``, requests one after the other.
"""

from __future__ import annotations

import struct
from enum import IntEnum

HEAD = struct.Struct(">IBI")
MAX_BODY_BYTES = 16 << 20


class Kind(IntEnum):
    """What a message means."""

    READY = 0
    """Worker: the voice is loaded; the body is its sample rate in decimal."""
    SPEAK = 1
    """To the worker: say the body, UTF-8."""
    CANCEL = 2
    """To the worker: forget this request. It is still answered with ``END``."""
    AUDIO = 3
    """Worker: 16-bit little-endian mono PCM."""
    END = 4
    """Worker: nothing more for this request."""
    FAILED = 5
    """Worker: this request failed; the body names the kind of error."""


def encode(number: int, kind: Kind, body: bytes = b"") -> bytes:
    """A message as bytes."""
    return HEAD.pack(number, kind, len(body)) + body
