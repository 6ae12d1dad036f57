"""Servers for the whole run, a platform for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import old_service
from support.assistants import TOOLS
from support.contract import HOST, Contract
from support.daemon import Daemon, ToneRunner
from support.platform import Platform, Services
from support.runner import ScriptedRunner


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


@pytest.fixture(scope="module")
def contract(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """One daemon for the tests of a file, which found the table of the service it replaces."""
    folder = tmp_path_factory.mktemp("contract")
    with Platform(services) as around, ScriptedRunner() as runner:
        old_service.leave_behind(around.database)
        rows = old_service.rows(around.database)
        around.managers.on("GET", "^/v1/tools$", lambda _: (200, {"tools": TOOLS}))
        with Daemon(folder, around.environment, HOST, RUNNER_URL=runner.url) as daemon:
            yield Contract(around, daemon, runner, rows)
