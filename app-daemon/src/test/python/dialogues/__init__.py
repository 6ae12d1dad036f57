"""Short conversations with real speech through the whole product; only the model is a script."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialogues.stage import Dialogue

_FILES = ("talk", "tools", "teams", "interruptions", "quiet", "failures")


def everything() -> list[Dialogue]:
    """All dialogues, in the order of their files."""
    from dialogues.stage import ALL

    for name in _FILES:
        importlib.import_module(f"dialogues.{name}")
    return ALL
