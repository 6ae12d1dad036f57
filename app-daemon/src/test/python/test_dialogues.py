"""The dialogues as a test: their table is printed, and every one has to go as it is written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialogues import everything
from dialogues.__main__ import play
from dialogues.stage import table


def test_every_dialogue_goes_as_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = everything()
    assert len(chosen) >= 30
    with capsys.disabled():
        outcomes = asyncio.run(play(chosen, tmp_path))
        print(f"\n{table(outcomes)}")  # noqa: T201 - for a person
    assert [outcome.dialogue.name for outcome in outcomes if outcome.failure] == []
