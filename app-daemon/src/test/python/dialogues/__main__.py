"""``python -m dialogues [WORD…]``: play all dialogues, or those whose group or name has one of the words."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from dialogues import everything
from dialogues.stage import Dialogue, Outcome, Stage, table


async def main(words: list[str]) -> int:
    """Play, print, and answer the exit code."""
    chosen = [each for each in everything() if not words or any(w in f"{each.group} {each.name}" for w in words)]
    outcomes = await play(chosen, Path(tempfile.mkdtemp(prefix="dialogues-")))
    print(table(outcomes))  # noqa: T201 - for a person
    failed = sum(bool(each.failure) for each in outcomes)
    print(f"\n{len(outcomes) - failed} passed, {failed} failed")  # noqa: T201
    return 1 if failed or not outcomes else 0


async def play(chosen: list[Dialogue], folder: Path) -> list[Outcome]:
    """Play dialogues in a folder of their own."""
    print(f"playing {len(chosen)} dialogues; logs in {folder}", flush=True)  # noqa: T201
    async with Stage(folder, chosen) as stage:
        return await stage.play(_tell)


def _tell(outcome: Outcome) -> None:
    state = "FAILED" if outcome.failure else "ok"
    print(f"{state:>6}  {outcome.dialogue.group}: {outcome.dialogue.name}", flush=True)  # noqa: T201
    if outcome.failure:
        print(outcome.failure, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
