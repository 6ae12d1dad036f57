"""The bot's words follow the caller's ear: the playout protocol against a daemon with its own clock.

The peer plays 20 ms at a time and records every frame; each word of the bot is a different sample value. So the record
says which words were heard, and the silence in it says what a stall cost, without a look at the wall clock.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial

import pytest

from tests.support.peer import FRAME_MS, Peer, PeerOptions
from tests.support.runner import Runner
from tests.support.words import (
    LONG,
    SHORT,
    STEP,
    SentenceVoice,
    TextFirstVoice,
    TimedVoice,
    WordsBot,
    word_ms,
    words_heard,
)

VOICES = {"sentences": SentenceVoice, "word times": TimedVoice, "text first": TextFirstVoice}


class Call:
    """A call with a words bot."""

    def __init__(self, runner: Runner, peer: Peer, bot: WordsBot) -> None:
        self.runner, self.peer, self.bot = runner, peer, bot


@pytest.fixture
def options() -> PeerOptions:
    return PeerOptions()


@pytest.fixture(params=VOICES)
def call(request: pytest.FixtureRequest, options: PeerOptions) -> Iterator[Call]:
    bots: list[WordsBot] = []

    def build(_: object) -> WordsBot:
        bots.append(WordsBot(VOICES[request.param]()))
        return bots[-1]

    with Peer(options) as peer, Runner(build) as runner:
        runner.start(peer)
        yield Call(runner, peer, bots[0])


sentences_only = pytest.mark.parametrize("call", ["sentences"], indirect=True)


def silence_inside_speech_ms(heard: list[bytes | None]) -> int:
    """Silence between the first and the last frame of speech."""
    speech = [i for i, frame in enumerate(heard) if frame is not None]
    return sum(frame is None for frame in heard[speech[0] : speech[-1]]) * FRAME_MS if speech else 0


def test_a_reply_is_heard_whole_and_without_a_gap(call: Call) -> None:
    call.peer.say("a long story")
    call.peer.wait_for_message("bot-stopped-speaking")

    assert words_heard(call.peer.heard, LONG) == len(LONG.split())
    assert silence_inside_speech_ms(call.peer.heard) == 0
    assert call.bot.spoken() == [LONG]
    assert call.peer.max_queue_ms <= call.peer.options.window_ms


def test_ten_barge_ins_leave_the_context_within_one_word_of_what_was_heard(call: Call) -> None:
    peer = call.peer
    errors = []
    silences = []
    began = 0
    peer.say("a long story")
    peer.wait_until(lambda: peer.flushes, "the first question to interrupt nothing")
    for turn in range(10):
        _wait_for_speech(peer, began, 700 + 510 * turn)
        # What interrupts one reply is the question for the next.
        peer.say("another long story")
        peer.wait_until(partial(_has_spoken, call.bot, turn + 1), "the context to take the interrupted reply")
        flush = peer.flushes[turn + 1]
        reply = peer.heard[began : flush.heard_frames]
        silences.append(next(i for i, frame in enumerate(reply) if frame) * FRAME_MS)
        heard = words_heard(reply, LONG)
        errors.append(len(call.bot.spoken()[turn].split()) - heard)
        began = flush.heard_frames

    # The word being said counts as said for a voice that tells when its words begin.
    assert all(abs(error) <= 1 for error in errors), errors
    # After 5 s pipecat gives up waiting for what an interruption left behind, and answers only then.
    assert max(silences) < 4000, silences


@pytest.mark.xdist_group("quiet")
def test_three_stalls_of_the_runner_are_not_heard(call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 1500)
    for _ in range(3):
        before = _speech_ms(peer.heard)
        call.runner.stall(0.3)
        _wait_for_speech(peer, 0, before + 1500)
    peer.wait_for_message("bot-stopped-speaking")

    # The window survives 340 ms. One frame is granted per stall for what else the machine does to the runner.
    assert silence_inside_speech_ms(peer.heard) <= 3 * FRAME_MS
    assert words_heard(peer.heard, LONG) == len(LONG.split())


def test_a_hold_longer_than_the_overdue_limit_delays_words_and_loses_nothing(call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 2000)
    peer.hold(True)
    held = len(peer.heard)
    peer.wait_until(lambda: len(peer.heard) >= held + 3000 // FRAME_MS, "3 s on hold")
    outputs = _accumulated(peer)
    peer.wait_until(lambda: len(peer.heard) >= held + 3500 // FRAME_MS, "some more on hold")
    assert _accumulated(peer) == outputs, "words were released while nothing was heard"
    assert not peer.data("bot-stopped-speaking")
    peer.hold(False)
    peer.wait_for_message("bot-stopped-speaking")

    assert words_heard(peer.heard, LONG) == len(LONG.split())
    assert call.bot.spoken() == [LONG]


def test_a_barge_in_after_a_hold_leaves_the_context_as_heard(call: Call) -> None:
    peer = call.peer
    peer.hold(True)
    peer.say("a long story")
    peer.wait_until(lambda: peer.received, "the first audio")
    before = len(peer.heard)
    peer.wait_until(lambda: len(peer.heard) >= before + 1500 // FRAME_MS, "1.5 s before playing starts")
    peer.hold(False)
    _wait_for_speech(peer, 0, 3000)
    peer.say("stop, please")
    peer.wait_until(call.bot.spoken, "the context to take the interrupted reply")
    heard = words_heard(peer.heard[: peer.flushes[-1].heard_frames], LONG)

    assert abs(len(call.bot.spoken()[0].split()) - heard) <= 1


def test_the_daemon_can_stop_the_bot(call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 2500)
    markers = peer.markers
    peer.interrupt()
    peer.wait_until(lambda: peer.markers > markers, "the marker to come back")
    received = len(peer.received)
    peer.wait_for_message("bot-stopped-speaking")
    heard = words_heard(peer.heard[: peer.flushes[-1].heard_frames], LONG)
    peer.wait_until(call.bot.spoken, "the context to take the interrupted reply")
    peer.say("goodbye")
    peer.wait_until(lambda: len(call.bot.spoken()) == 2, "the next reply")

    assert abs(len(call.bot.spoken()[0].split()) - heard) <= 1
    assert call.bot.spoken()[1] == SHORT
    values = {struct.unpack_from("<h", peer.received, i)[0] for i in range(received, len(peer.received), 640)}
    assert values <= {STEP * i for i in range(len(SHORT.split()) + 1)}, "audio from before the marker came after it"


def test_a_drained_stop_ends_the_call_when_all_was_heard(call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 500)
    assert call.runner.stop(drain=True).status_code == 200
    closed = peer.wait_closed()

    assert closed.code == 1000
    assert words_heard(peer.heard[: closed.at_heard_frames], LONG) == len(LONG.split())
    assert call.bot.spoken() == [LONG]
    assert len(peer.data("bot-stopped-speaking")) == 1
    last_output = peer.data("bot-output")[-1]
    assert last_output["spoken_status"] == "completed"
    call.runner.wait_idle()


@sentences_only
def test_a_call_on_hold_that_is_being_drained_can_be_stopped_at_once(call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 500)
    peer.hold(True)
    assert call.runner.stop(drain=True).status_code == 200
    assert call.runner.stop().status_code == 200
    closed = peer.wait_closed()

    assert closed.code == 1000
    assert words_heard(peer.heard, LONG) < len(LONG.split())
    call.runner.wait_idle()


@sentences_only
def test_started_and_stopped_speaking_are_told_when_they_are_heard(call: Call) -> None:
    peer = call.peer
    peer.say("hello")
    peer.wait_for_message("bot-stopped-speaking")
    when = dict(reversed(peer.timeline))
    total = sum(word_ms(word) for word in SHORT.split())

    assert FRAME_MS <= when["bot-started-speaking"] <= 5 * FRAME_MS
    assert total - FRAME_MS <= when["bot-stopped-speaking"] <= total + 2 * FRAME_MS


@sentences_only
def test_a_daemon_that_does_not_answer_an_interruption_does_not_hold_it_up(options: PeerOptions, call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 2000)
    options.flush_answer = False
    peer.say("stop, please")
    peer.wait_until(lambda: len(call.bot.spoken()) == 2, "the next reply")
    heard = words_heard(peer.heard[: peer.flushes[-1].heard_frames], LONG)

    assert abs(len(call.bot.spoken()[0].split()) - heard) <= 2


@sentences_only
def test_a_daemon_that_reports_nothing_more_is_given_up(options: PeerOptions, call: Call) -> None:
    peer = call.peer
    peer.say("a long story")
    _wait_for_speech(peer, 0, 1000)
    options.reports = False
    closed = peer.wait_closed()

    assert closed.code == 1011
    ending = peer.data("server-message")[-1]
    assert ending["t"] == "call-ending"
    assert ending["d"]["reason"] == "runner_lost"
    assert "playout report" in ending["d"]["message"]
    call.runner.wait_idle()


def _has_spoken(bot: WordsBot, turns: int) -> bool:
    return len(bot.spoken()) >= turns


def _accumulated(peer: Peer) -> list[str]:
    return [str((data.get("spoken_progress") or {}).get("accumulated_text")) for data in peer.data("bot-output")]


def _wait_for_speech(peer: Peer, since: int, ms: int) -> None:
    peer.wait_until(lambda: _speech_ms(peer.heard[since:]) >= ms, f"{ms} ms of speech")


def _speech_ms(heard: list[bytes | None]) -> int:
    return sum(frame is not None for frame in heard) * FRAME_MS
