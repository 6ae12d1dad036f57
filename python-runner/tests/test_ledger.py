"""The books of the bot's audio, without sockets or clocks."""

from __future__ import annotations

from typing import Any

import pytest

from pipecat_runner._link.held import HeldQueue
from pipecat_runner._link.ledger import PlayoutLedger, PlayoutReport
from pipecat_runner._link.unheard import Unheard

RATE = 16_000
MS = 16


def report(pos_ms: int, window_ms: int = 400, **more: Any) -> PlayoutReport:
    return PlayoutReport.parse({"pos_ms": pos_ms, "limit_ms": pos_ms + window_ms, "queued_ms": 0, **more})


def ledger() -> PlayoutLedger:
    return PlayoutLedger(rate=RATE, window_ms=400)


def test_before_the_first_report_the_window_is_granted() -> None:
    books = ledger()

    assert books.grants(400 * MS)
    assert not books.grants(400 * MS + 1)


def test_a_report_moves_the_grant_and_the_heard_position() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    books.report(report(100), now=0.1)

    assert books.grants(500 * MS)
    assert not books.grants(501 * MS)
    assert books.heard == 100 * MS
    assert books.outstanding == 300 * MS


def test_late_and_repeated_reports_do_not_move_the_heard_position_back() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    for pos in (100, 100, 60, 80):
        books.report(report(pos), now=0.1)

    assert books.heard == 100 * MS


def test_more_is_never_heard_than_was_sent() -> None:
    books = ledger()
    books.add_sent(20 * MS, now=0)
    books.report(report(1000), now=0.1)

    assert books.heard == 20 * MS
    assert books.outstanding == 0


def test_a_flush_ends_where_the_daemon_says_and_consumes_the_rest() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    epoch = books.epoch
    books.begin_flush()
    books.report(report(60), now=0.05)
    answered = [books.flush_answered]
    assert books.heard == 0, "a tick from before the marker must not move it"
    books.report(report(400, event="flushed", at_ms=80, dropped_ms=320), now=0.1)

    answered.append(books.flush_answered)
    assert answered == [False, True]
    assert books.stopped_at(now=0.2) == 80 * MS
    books.end_flush()
    assert books.heard == books.sent == 400 * MS
    assert books.epoch == epoch + 1
    assert not books.flushing


def test_without_an_answer_a_flush_extrapolates_the_last_report_but_not_beyond_what_was_sent() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    books.report(report(100), now=1.0)
    books.begin_flush()

    assert books.stopped_at(now=1.05) == 150 * MS
    assert books.stopped_at(now=9.0) == 400 * MS


def test_on_hold_nothing_is_extrapolated() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    books.report(report(100, event="hold"), now=1.0)
    books.begin_flush()

    assert books.stopped_at(now=2.0) == 100 * MS


def test_silence_of_the_daemon_counts_only_while_something_should_be_playing() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    assert books.silent_for(now=60) == 0, "there may be no caller yet"
    books.report(report(100), now=60)
    assert books.silent_for(now=63) == 3
    books.report(report(400), now=64)
    assert books.silent_for(now=90) == 0, "all was heard"
    books.add_sent(20 * MS, now=90)
    assert books.silent_for(now=91) == 1, "counted from when the new audio went out"


def test_a_hold_lasts_until_the_position_moves_and_survives_a_flush() -> None:
    books = ledger()
    books.add_sent(400 * MS, now=0)
    books.report(report(100, event="hold"), now=1)
    books.report(report(100), now=1.1)
    assert books.on_hold
    books.begin_flush()
    books.report(report(400, event="flushed", at_ms=100, dropped_ms=300), now=2)
    books.end_flush()
    assert books.on_hold
    books.add_sent(20 * MS, now=2)
    assert books.silent_for(now=60) == 0
    books.report(report(420), now=60)
    assert not books.on_hold


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"pos_ms": 1},
        {"pos_ms": -1, "limit_ms": 1},
        {"pos_ms": 1.5, "limit_ms": 1},
        {"pos_ms": True, "limit_ms": 1},
        {"pos_ms": 1, "limit_ms": 1, "event": "flushed"},
    ],
)
def test_a_broken_report_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="playout report"):
        PlayoutReport.parse(data)


def test_numbers_of_json_libraries_that_know_only_floats_are_taken() -> None:
    assert PlayoutReport.parse({"pos_ms": 20.0, "limit_ms": 420.0}).pos_ms == 20


def test_what_a_pause_throws_away_is_heard_later_and_hearing_stopped_where_it_began() -> None:
    books = ledger()
    books.add_sent(MS * 400, 0.0)
    books.report(PlayoutReport(100, 500), 0.1)
    books.begin_pause()
    books.report(PlayoutReport(400, 800, "flushed", at_ms=120), 0.11)
    assert books.stopped_at(0.12) == books.heard == MS * 120
    assert books.silent_for(10.0) == 0.0, "nobody reports while nothing plays"
    books.report(PlayoutReport(400, 800), 10.0)
    assert books.heard == MS * 120

    books.end_pause(10.0)
    assert books.heard == books.sent == MS * 400
    books.add_sent(MS * 280, 10.0)
    books.report(PlayoutReport(440, 840), 10.1)

    assert books.heard == MS * 440


def test_an_interruption_in_a_pause_stopped_the_bot_where_it_paused() -> None:
    books = ledger()
    books.add_sent(MS * 400, 0.0)
    books.begin_pause()
    books.report(PlayoutReport(400, 800, "flushed", at_ms=120), 0.11)
    books.stopped_at(0.12)
    books.begin_flush()
    books.report(PlayoutReport(400, 800, "flushed", at_ms=400), 1.0)

    assert books.stopped_at(1.0) == MS * 120
    books.end_flush()
    assert not books.paused
    assert books.heard == books.sent


def test_unheard_audio_is_kept_from_the_sample_where_hearing_stopped() -> None:
    unheard = Unheard()
    for i in range(4):
        unheard.add(bytes([i, 0]) * 10, i * 10)
    unheard.forget_until(15)

    assert unheard.after(15) == bytes([1, 0]) * 5 + bytes([2, 0]) * 10 + bytes([3, 0]) * 10
    assert unheard.after(40) == b""


def test_what_waits_moves_with_the_audio_it_waits_for() -> None:
    held: HeldQueue[str] = HeldQueue(1000)
    held.anchor("c", 1_000_000_000, 100)
    held.hold("placed", 200)
    held.hold_timed("timed", 1_050_000_000, "c")
    held.move(30)

    assert held.pop_due(180) is None
    assert held.pop_due(181) == "timed"
    assert held.pop_due(229) is None
    assert held.pop_due(230) == "placed"
