"""Names of functions that every provider accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: OpenAI, Bedrock and Gemini take no longer ones.
MAX_LENGTH = 64

_REFUSED = re.compile(r"[^a-zA-Z0-9_-]")


def safe_name(name: str) -> str:
    """A name as every provider takes it: letters, digits, ``_`` and ``-``, a letter or ``_`` first, 64 characters."""
    safe = _REFUSED.sub("_", name)
    if not safe or not (safe[0].isascii() and (safe[0].isalpha() or safe[0] == "_")):
        safe = f"_{safe}"
    return safe[:MAX_LENGTH]


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """For each name one that every provider takes; two never become the same."""
    given = list(names)
    # A name that needs no change keeps it, whoever comes first.
    safe = {name: name for name in given if safe_name(name) == name}
    used = set(safe)
    for name in given:
        if name in safe:
            continue
        candidate = base = safe_name(name)
        number = 2
        while candidate in used:
            suffix = f"_{number}"
            candidate = base[: MAX_LENGTH - len(suffix)] + suffix
            number += 1
        safe[name] = candidate
        used.add(candidate)
    return safe
