"""Writes ``vectors/frames`` with the serializer of the installed pipecat: ``python -m tests.vectors.write``."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

from pipecat.frames.frames import (
    Frame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageUrgentFrame,
    TextFrame,
    TranscriptionFrame,
)
from pipecat.serializers.protobuf import ProtobufFrameSerializer

from tests.vectors.format import FOLDER, audio_bytes, describe_audio

BIG = 2**64 - 1
UNICODE = 'Grüße \u2013 你好 👋🏽 \u200b\t"quoted"\\ \u0000 end'


def vectors() -> list[tuple[dict[str, Any], bytes]]:
    """All vectors: manifest entry and bytes."""
    return asyncio.run(_vectors())


def manifest(entries: list[dict[str, Any]]) -> str:
    """The manifest's text."""
    return json.dumps({"writer": f"pipecat-ai {version('pipecat-ai')}", "vectors": entries}, indent=2) + "\n"


async def _vectors() -> list[tuple[dict[str, Any], bytes]]:
    serializer = ProtobufFrameSerializer()
    made: list[tuple[dict[str, Any], bytes]] = []

    async def add(
        file: str, kind: str, frame: Frame, fields: dict[str, Any], *, id: int, pts: int | None = None
    ) -> None:
        frame.id = id
        frame.name = f"{type(frame).__name__}#{id}"
        frame.pts = pts
        if kind != "message":
            fields = {"id": str(id), "name": frame.name, **fields}
        if kind == "audio" and pts:
            fields["pts"] = str(pts)
        data = await serializer.serialize(frame)
        assert isinstance(data, bytes)
        made.append((_entry(file, kind, "serializer", fields), data))

    await add("text.bin", "text", TextFrame("Hello."), {"text": "Hello."}, id=1)
    await add("text-unicode.bin", "text", TextFrame(UNICODE), {"text": UNICODE}, id=2)
    await add("text-empty-big-id.bin", "text", TextFrame(""), {}, id=BIG)
    await add("text-long.bin", "text", TextFrame("word " * 300), {"text": "word " * 300}, id=2**53 + 1)

    for file, length, rate, id, pts in (
        ("audio-640.bin", 640, 16000, 7, None),
        ("audio-320-8k-pts.bin", 320, 8000, 8, 20_000_000),
        ("audio-882-22k-big-pts.bin", 882, 22050, BIG, BIG),
        ("audio-empty.bin", 0, 16000, 9, None),
        ("audio-64k.bin", 65536, 48000, 10, 1),
    ):
        seed = id % 256
        audio: dict[str, Any] = {"audio": describe_audio(length, seed)} if length else {}
        await add(
            file,
            "audio",
            OutputAudioRawFrame(audio_bytes(length, seed), rate, 1),
            {**audio, "sample_rate": rate, "num_channels": 1},
            id=id,
            pts=pts,
        )

    said = {"text": "What is my balance?", "user_id": "caller", "timestamp": "2026-01-02T03:04:05.678+00:00"}
    spoken = TranscriptionFrame(said["text"], said["user_id"], said["timestamp"])
    await add("transcription.bin", "transcription", spoken, said, id=20)
    odd = {"text": UNICODE}
    await add("transcription-unicode.bin", "transcription", TranscriptionFrame(UNICODE, "", ""), odd, id=21)

    for file, message in (
        ("message-bot-ready.bin", {"label": "rtvi-ai", "type": "bot-ready", "id": "1", "data": {"version": "2.2.0"}}),
        ("message-unicode.bin", {"label": "rtvi-ai", "type": "bot-llm-text", "data": {"text": UNICODE}}),
        ("message-empty-object.bin", {}),
    ):
        frame = OutputTransportMessageUrgentFrame(message=message)
        await add(file, "message", frame, {"data": json.dumps(message)}, id=30)

    await add("interruption.bin", "interruption", InterruptionFrame(), {}, id=40)
    await add("interruption-big-id.bin", "interruption", InterruptionFrame(), {}, id=BIG)

    made += _handmade()
    return made


def _handmade() -> list[tuple[dict[str, Any], bytes]]:
    """What pipecat's serializer does not write, and a reader must live with."""
    # Field 15, length-delimited: a member of the oneof from the future.
    unknown_member = bytes([15 << 3 | 2, 3]) + b"new"
    # interruption (5) holding its name (2) and an unknown varint field 9.
    inner = bytes([2 << 3 | 2, 1]) + b"i" + bytes([9 << 3 | 0, 150, 1])
    unknown_field = bytes([5 << 3 | 2, len(inner)]) + inner
    # text (1) then interruption (5) in one message: the last member wins.
    two_members = bytes([1 << 3 | 2, 3, 3 << 3 | 2, 1]) + b"a" + bytes([5 << 3 | 2, 0])
    # audio (2) with pts (6) present and 0: present is not the same as left out.
    pts_zero = bytes([2 << 3 | 2, 5, 4 << 3 | 0, 0xC0, 0x3E, 6 << 3 | 0, 0])
    return [
        (_entry("none-empty.bin", "none", "handmade", {}), b""),
        (_entry("none-unknown-member.bin", "none", "handmade", {}), unknown_member),
        (_entry("interruption-unknown-field.bin", "interruption", "handmade", {"name": "i"}), unknown_field),
        (_entry("interruption-last-member-wins.bin", "interruption", "handmade", {}), two_members),
        (_entry("audio-pts-zero.bin", "audio", "handmade", {"sample_rate": 8000, "pts": "0"}), pts_zero),
    ]


def _entry(file: str, kind: str, origin: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"file": file, "kind": kind, "origin": origin, "fields": fields}


def main() -> None:
    """Write the files and the manifest."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = vectors()
    for entry, data in made:
        (FOLDER / entry["file"]).write_bytes(data)
    (FOLDER / "manifest.json").write_text(manifest([entry for entry, _ in made]))


if __name__ == "__main__":
    main()
