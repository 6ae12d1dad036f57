"""Which test proves what of a provider: the marks from which ``docs/providers.md`` is written.

Write ``@pytest.mark.proves("stt", "deepgram", "turn")`` on a test, or ``parametrize("provider", proving("stt",
"turn", ["deepgram", …]))`` over several. Only what runs counts: a skipped test proves nothing. The page is written, and
after a merge written anew, with ``python -m tests.providers.page`` in python-runner.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

SCENARIOS = {
    "turn": "a turn, both ways, over the provider's own protocol",
    "bad key": "the provider refuses the key",
    "limit": "the provider answers that there were too many requests",
    "stall": "the provider takes the request and then says nothing",
    "drop": "the connection breaks in the middle of an answer",
    "garbage": "the answer is malformed",
}


def proving(kind: str, scenario: str, providers: Iterable[str], *more: Any) -> list[ParameterSet]:
    """Parameters of a test that proves one scenario for several providers of a kind."""
    return [pytest.param(name, *more, id=name, marks=pytest.mark.proves(kind, name, scenario)) for name in providers]


def proofs(items: Iterable[pytest.Item]) -> set[tuple[str, str, str]]:
    """What the collected tests prove, as (kind, provider, scenario)."""
    found = set()
    for item in items:
        if any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail")):
            continue
        for mark in item.iter_markers("proves"):
            kind, provider, scenario = mark.args
            assert scenario in SCENARIOS, f"{item.nodeid}: {scenario!r} is none of {', '.join(SCENARIOS)}"
            found.add((kind, provider, scenario))
    return found
