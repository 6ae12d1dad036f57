"""The frames on the wire are those of the installed pipecat, and the daemon's can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.format import FOLDER, fields_of, without_seed
from tests.vectors.write import manifest, vectors


def _entries(name: str) -> list[dict[str, Any]]:
    path = FOLDER / name
    return list(json.loads(path.read_text())["vectors"]) if path.exists() else []


def test_committed_vectors_are_what_the_installed_pipecat_writes() -> None:
    made = vectors()
    for entry, data in made:
        assert (FOLDER / entry["file"]).read_bytes() == data, entry["file"]
    assert (FOLDER / "manifest.json").read_text() == manifest([entry for entry, _ in made])


@pytest.mark.parametrize("entry", _entries("manifest.json") + _entries("java-manifest.json"), ids=lambda e: e["file"])
def test_a_vector_holds_what_its_manifest_says(entry: dict[str, Any]) -> None:
    kind, fields = fields_of((FOLDER / entry["file"]).read_bytes())

    assert kind == entry["kind"]
    assert fields == without_seed(entry["fields"])


def test_every_vector_is_listed_once_and_both_languages_have_written_some() -> None:
    listed = [entry["file"] for name in ("manifest.json", "java-manifest.json") for entry in _entries(name)]
    files = sorted(path.name for path in FOLDER.glob("*.bin"))

    assert sorted(listed) == files
    assert [name for name in files if name.startswith("java-")], "the daemon's vectors (java-*.bin) are missing"
    assert {entry["kind"] for entry in _entries("manifest.json")} == {
        "text",
        "audio",
        "transcription",
        "message",
        "interruption",
        "none",
    }
