"""Writes the tables of ``docs/providers.md``: ``python -m tests.providers.page`` in python-runner.

What a provider is comes from the runner's tables, what is tried from the marks of the tests that exist.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipecat_runner._providers.catalog import TABLES
from pipecat_runner._providers.table import Provider
from tests.providers.proof import SCENARIOS, proofs

PAGE = Path(__file__).parents[3] / "docs" / "providers.md"
BEGIN = "<!-- written by python-runner/tests/providers/page.py; what stands below is overwritten -->"
TITLES = {"llm": "Language models", "stt": "Speech recognition", "tts": "Speech synthesis"}


class _Collected:
    def __init__(self) -> None:
        self.proofs: set[tuple[str, str, str]] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.proofs = proofs(items)


def collect() -> set[tuple[str, str, str]]:
    """What the tests of this folder prove."""
    collected = _Collected()
    # The folder of the runner's own settings is the root; nothing is run.
    arguments = ["--collect-only", "-qq", "-n0", "-p", "no:cacheprovider", str(Path(__file__).parent)]
    status = pytest.main(arguments, plugins=[collected])
    if status != pytest.ExitCode.OK:
        raise SystemExit(f"the tests cannot be collected: {status!r}")
    return collected.proofs


def page(head: str, proved: set[tuple[str, str, str]]) -> str:
    """The whole page: its hand-written head, and the tables."""
    unknown = sorted(proof for proof in proved if proof[1] not in TABLES.get(proof[0], {}))
    assert not unknown, f"tests prove something about providers that no table has: {unknown}"
    return "\n".join([head.partition(BEGIN)[0].rstrip(), "", BEGIN, *_tables(proved), ""])


def _tables(proved: set[tuple[str, str, str]]) -> Iterator[str]:
    for kind, table in TABLES.items():
        yield from ("", f"## {TITLES[kind]}", "")
        yield _row("`type`", *SCENARIOS, "key", "other address", "extra", "default")
        yield _row(*["---"] * (len(SCENARIOS) + 5))
        for name in sorted(table):
            yield _row(_names(name, table[name]), *_cells(kind, name, proved, table[name]), *_facts(table[name]))
        yield ""
        for name in sorted(table):
            yield from _about(name, table[name])


def _cells(kind: str, name: str, proved: set[tuple[str, str, str]], provider: Provider[Any, Any]) -> list[str]:
    if not any(proof[:2] == (kind, name) for proof in proved):
        return ["*read, not run*", *["no"] * (len(SCENARIOS) - 1)]
    # What runs on this machine has no key, no limit and no connection.
    otherwise = "no" if provider.key_variable or provider.address_variable else "n/a"
    return ["yes" if (kind, name, scenario) in proved else otherwise for scenario in SCENARIOS]


def _names(name: str, provider: Provider[Any, Any]) -> str:
    return ", ".join(f"`{each}`" for each in (name, *provider.aliases))


def _facts(provider: Provider[Any, Any]) -> list[str]:
    keys = [variable for variable in (provider.key_variable, *provider.more_variables) if variable]
    defaults = [f"`{default}`" for default in (provider.model, provider.voice) if default]
    return [
        ", ".join(f"`{key}`" for key in keys) or "none",
        f"`{provider.address_variable}`" if provider.address_variable else "no",
        f"`{provider.extra}`" if provider.extra else "none",
        ", ".join(defaults) or "none",
    ]


def _about(name: str, provider: Provider[Any, Any]) -> Iterator[str]:
    left_out = [f"`{setting}` is refused: {reason}." for setting, reason in provider.left_out.items()]
    example = f"`{provider.example}`." if provider.example else ""
    sentences = " ".join(part for part in (example, provider.note, *left_out) if part)
    yield f"- **{provider.title or name}** (`{name}`){': ' + sentences if sentences else ''}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page, or with ``--check`` only say whether it is what would be written."""
    committed = PAGE.read_text()
    made = page(committed, collect())
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made)
    elif made != committed:
        raise SystemExit(f"docs/{PAGE.name} is not up to date; write it with: python -m tests.providers.page")


if __name__ == "__main__":
    main()
