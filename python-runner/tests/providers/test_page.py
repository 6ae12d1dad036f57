"""``docs/providers.md`` says what the tests prove, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.providers.page import BEGIN, page


def test_the_committed_page_is_what_tables_and_tests_make_of_it() -> None:
    # In a process of its own: this one may have been asked for some of the tests only.
    made = subprocess.run(
        [sys.executable, "-m", "tests.providers.page", "--check"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr or made.stdout


def test_a_provider_without_proofs_is_said_to_be_read_and_not_run() -> None:
    assert "| `openai` | *read, not run* | no |" in page(BEGIN, set())


def test_only_what_is_proved_is_said_to_be_tried() -> None:
    made = page(BEGIN, {("llm", "openai", "turn"), ("llm", "openai", "drop")})

    assert "| `openai` | yes | no | no | no | yes | no |" in made


def test_the_head_of_the_page_is_kept() -> None:
    assert page(f"# Providers\n\nWritten by hand.\n\n{BEGIN}\nold", set()).startswith(
        f"# Providers\n\nWritten by hand.\n\n{BEGIN}\n\n## Language models"
    )


def test_a_proof_of_a_provider_that_does_not_exist_is_found() -> None:
    with pytest.raises(AssertionError, match="nobody"):
        page(BEGIN, {("llm", "nobody", "turn")})
