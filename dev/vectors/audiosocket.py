"""Writes vectors/audiosocket: AudioSocket streams as bytes, and what they hold.

Written from the description of the protocol alone (kind, big-endian length of the payload, payload; samples
little-endian), with nothing of the Java side, so that both can be wrong only in different ways.

The manifest has one section for each file. `stream` is what a server reads: a line for each message, in order. `frame`
is what a server writes: kind and number of samples, sample i being (i * 7919) % 65536 - 32768.

Run from the repository root; the standard library is enough:

    python3 dev/vectors/audiosocket.py
"""

from __future__ import annotations

import struct
import uuid
import zlib
from pathlib import Path

TARGET = Path("vectors/audiosocket")
CALL = uuid.UUID("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10")
SAMPLES_OF_20_MS = {
    0x10: 160,
    0x11: 240,
    0x12: 320,
    0x13: 480,
    0x14: 640,
    0x15: 882,
    0x16: 960,
    0x17: 1920,
    0x18: 3840,
}
KEYS = b"0123456789*#ABCD"


def message(kind: int, payload: bytes = b"") -> bytes:
    return struct.pack(">BH", kind, len(payload)) + payload


def pcm(samples: int) -> bytes:
    return struct.pack(f"<{samples}h", *((i * 7919) % 65536 - 32768 for i in range(samples)))


class Stream:
    """Bytes of a stream and, beside them, the lines of its manifest."""

    def __init__(self) -> None:
        self.data = b""
        self.lines: list[str] = []

    def add(self, data: bytes, *lines: str) -> Stream:
        self.data += data
        self.lines += lines
        return self

    def hello(self, call: uuid.UUID = CALL) -> Stream:
        return self.add(message(0x01, call.bytes), f"id {call}")

    def audio(self, kind: int, payload: bytes) -> Stream:
        whole = payload[: len(payload) // 2 * 2]
        self.add(message(kind, payload), f"audio {kind:#04x} {len(payload)} {zlib.crc32(whole):08x}")
        return self.add(b"", "odd") if len(payload) % 2 else self

    def skipped(self, kind: int, payload: bytes) -> Stream:
        return self.add(message(kind, payload), f"skipped {kind:#04x} {len(payload)}")


def streams() -> dict[str, Stream]:
    every_kind = Stream().hello()
    for kind, samples in SAMPLES_OF_20_MS.items():
        every_kind.audio(kind, pcm(samples))
    keys = Stream().hello()
    for key in KEYS:
        keys.add(message(0x03, bytes([key])), f"key {chr(key)}")
    keys.add(message(0x03, b"a"), "key A").skipped(0x03, b"").skipped(0x03, b"12")
    keys.add(message(0x03, b"x"), "skipped 0x03 1")
    sizes = Stream().hello()
    for size in (0, 1, 2, 3, 160, 184, 319, 320, 321, 640, 65534, 65535):
        sizes.audio(0x10, (pcm(32768) + b"\x7f")[:size])
    unknown = Stream().hello().skipped(0x02, b"\x00\x01\x02\x03\x04\x05").skipped(0x19, b"").skipped(0xFE, pcm(32767))
    unknown.skipped(0x04, b"\x10\x00\x02").audio(0x10, pcm(160))
    errors = Stream().hello().add(message(0xFF), "error -1").add(message(0xFF, b"\x04"), "error 4")
    errors.add(message(0xFF, b"\x80ignored"), "error 128")
    return {
        "call.bin": Stream()
        .hello()
        .audio(0x10, pcm(160))
        .audio(0x10, bytes(320))
        .add(message(0x03, b"5"), "key 5")
        .add(message(0x00), "hang-up"),
        "every-kind.bin": every_kind,
        "keys.bin": keys,
        "sizes.bin": sizes,
        "unknown.bin": unknown,
        "errors.bin": errors,
        "hang-up-with-payload.bin": Stream().hello().add(message(0x00, b"bye"), "hang-up").audio(0x10, pcm(2)),
        "id-of-15-bytes.bin": Stream().add(message(0x01, CALL.bytes[:15]), "malformed-id"),
        "two-ids.bin": Stream().hello().hello(uuid.UUID(int=(1 << 128) - 1)),
        "cut-in-header.bin": Stream().hello().audio(0x10, pcm(160)).add(b"\x10\x01"),
        "cut-in-payload.bin": Stream()
        .hello()
        .add(message(0x10, pcm(160))[:101], f"audio 0x10 320 {zlib.crc32(pcm(160)[:98]):08x}"),
    }


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    lines = ["# Written by dev/vectors/audiosocket.py"]
    for name, stream in streams().items():
        (TARGET / name).write_bytes(stream.data)
        lines += [f"stream {name}", *stream.lines]
    for kind, samples in SAMPLES_OF_20_MS.items():
        name = f"written-{kind:02x}.bin"
        (TARGET / name).write_bytes(message(kind, pcm(samples)))
        lines.append(f"frame {name} {kind:#04x} {samples}")
    (TARGET / "written-hang-up.bin").write_bytes(message(0x00))
    (TARGET / "manifest.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
