"""Servers for the whole run, a platform for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.daemon import ToneRunner
from support.platform import Platform, Services


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    running = Services(tmp_path_factory.mktemp("services"))
    yield running
    running.close()


@pytest.fixture
def platform(services: Services) -> Iterator[Platform]:
    with Platform(services) as around:
        yield around


@pytest.fixture(scope="session")
def tones() -> Iterator[ToneRunner]:
    with ToneRunner() as runner:
        yield runner
