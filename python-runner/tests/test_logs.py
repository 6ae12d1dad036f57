"""Logs tell what happened and never what was said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from loguru import logger

from pipecat_runner._logs import configure_logging, without_quotes


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    configure_logging("DEBUG")
    yield lambda: capsys.readouterr().err
    logger.remove()


def test_a_line_has_the_call_and_an_exception_has_no_message(lines: Callable[[], str]) -> None:
    ours = logger.patch(lambda record: record.update({"name": "pipecat_runner._session"}))
    with logger.contextualize(call="c-1"):
        try:
            int("my pin is 1234")
        except ValueError:
            ours.exception("it broke")
    logged = lines()
    line = json.loads(logged)

    assert line["call"] == "c-1"
    assert line["message"] == "it broke"
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["at"]
    assert "1234" not in logged


def test_a_worker_s_lines_have_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("DEBUG", worker=3)
    logger.patch(lambda record: record.update({"name": "pipecat_runner._session"})).info("it began")
    configure_logging("DEBUG")
    logger.patch(lambda record: record.update({"name": "pipecat_runner._session"})).info("it began")
    logger.remove()

    workers = [json.loads(line).get("worker") for line in capsys.readouterr().err.splitlines()]
    assert workers == [3, None]


def test_a_library_s_debug_is_not_logged_and_its_warnings_lose_what_they_quote(lines: Callable[[], str]) -> None:
    theirs = logger.patch(lambda record: record.update({"name": "pipecat.services.tts_service"}))
    theirs.debug("Generating TTS [my secret]")
    theirs.warning("service is no longer usable, not speaking [my secret]")

    (line,) = lines().splitlines()
    assert json.loads(line)["message"] == "service is no longer usable, not speaking […]"


@pytest.mark.parametrize("quoted", ["[a b", "{'a': 'b c'}", '"a b"', "'a b'"])
def test_quotes_of_all_kinds_are_taken_out(quoted: str) -> None:
    assert without_quotes(f"failed: {quoted}") == "failed: […]"
