"""One unpacked distribution for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from distribution import unpack


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("opt"))
