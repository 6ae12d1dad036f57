"""The pages of the documentation, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.daemon import HOME

SHELLS = ("sh", "bash", "shell", "console")
FENCE = re.compile(r"^ *```(\w*)")
INDENTED = re.compile(r"^ {4}(bin/|make |curl |dev/)")
NOTE = re.compile(r"^ *<!-- (run|not run)(?:: (.*?))? *-->$")
RUN_WORDS = ("until ready", "with agents", "with daemon", "on a platform", "exit 3 is fine")


@dataclass(frozen=True)
class Block:
    """A fenced block of shell.

    Attributes:
        line: Where it begins, from 1.
        run: How to run it; None when it is not to be run.
        reason: Why not.
    """

    page: Path
    line: int
    text: str
    run: tuple[str, ...] | None
    reason: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(HOME)}:{self.line}"


def pages() -> list[Path]:
    """README and what is below docs, less what is kept for history."""
    return [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Its blocks of shell, in order.

    Raises:
        AssertionError: One has no note whether it is run, or a note nobody understands.
    """
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text().splitlines()
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if fence is None:
            place = f"{page.relative_to(HOME)}:{number + 1}"
            assert not INDENTED.match(lines[number]), f"{place}: put commands between fences, so that they are run"
            number += 1
            continue
        end = next(i for i in range(number + 1, len(lines)) if FENCE.match(lines[i]))
        # What was typed and what came back is a command, too.
        if fence[1] in SHELLS or (not fence[1] and lines[number + 1].startswith("$ ")):
            place = f"{page.relative_to(HOME)}:{number + 1}"
            note = NOTE.match(lines[number - 1])
            assert note is not None, f"{place}: say above the block how it is run, or why not: <!-- not run: … -->"
            words = tuple(word.strip() for word in (note[2] or "").split(",")) if note[1] == "run" and note[2] else ()
            assert note[1] == "not run" or set(words) <= set(RUN_WORDS), f"{place}: {words} is not in {RUN_WORDS}"
            reason = note[2] or ""
            assert note[1] == "run" or len(reason) > 10, f"{place}: why is it not run?"
            text = "\n".join(lines[number + 1 : end])
            yield Block(page, number + 1, text, words if note[1] == "run" else None, reason)
        number = end + 1
