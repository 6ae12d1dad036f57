"""The manifest of ``vectors/frames``: what is in the files, in JSON."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.support.wire import pb

FOLDER = Path(__file__).resolve().parents[3] / "vectors" / "frames"

_WIDE = {"id", "pts"}


def audio_bytes(length: int, seed: int) -> bytes:
    """The audio a manifest describes."""
    return bytes((i * 31 + seed) % 256 for i in range(length))


def describe_audio(length: int, seed: int) -> dict[str, Any]:
    """The manifest's words for it."""
    return {"length": length, "seed": seed, "sha256": hashlib.sha256(audio_bytes(length, seed)).hexdigest()}


def fields_of(data: bytes) -> tuple[str, dict[str, Any]]:
    """The kind and the set fields of an encoded frame; audio as length and hash."""
    frame = pb.Frame.FromString(data)
    kind = frame.WhichOneof("frame")
    if kind is None:
        return "none", {}
    fields: dict[str, Any] = {}
    for descriptor, value in getattr(frame, kind).ListFields():
        if descriptor.name == "audio":
            fields["audio"] = {"length": len(value), "sha256": hashlib.sha256(value).hexdigest()}
        else:
            fields[descriptor.name] = str(value) if descriptor.name in _WIDE else value
    return kind, fields


def without_seed(fields: dict[str, Any]) -> dict[str, Any]:
    """A manifest's fields as :func:`fields_of` finds them."""
    found = dict(fields)
    if "audio" in found:
        found["audio"] = {key: value for key, value in found["audio"].items() if key != "seed"}
    return found
