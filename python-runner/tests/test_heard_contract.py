"""The bot's words follow the caller's ear: the playout protocol against a daemon with its own clock.

The peer plays 20 ms at a time and records every frame; each word of the bot is a different sample value. So the record
says which words were heard, and the silence in it says what a stall cost, without a look at the wall clock.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.peer import FRAME_MS, Peer, PeerOptions
from tests.support.runner import Runner
from tests.support.words import LONG, SHORT, SentenceVoice, TextFirstVoice, TimedVoice, WordsBot, words_heard

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
    began = 0
    peer.say("a long story")
    peer.wait_until(lambda: peer.flushes, "the first question to interrupt nothing")
    for turn in range(10):
        _wait_for_speech(peer, began, 700 + 510 * turn)
        # What interrupts one reply is the question for the next.
        peer.say("another long story")
        peer.wait_until(lambda: len(call.bot.spoken()) > turn, "the context to take the interrupted reply")
        flush = peer.flushes[turn + 1]
        heard = words_heard(peer.heard[began : flush.heard_frames], LONG)
        errors.append(len(call.bot.spoken()[turn].split()) - heard)
        began = flush.heard_frames

    # The word being said counts as said for a voice that tells when its words begin.
    print(errors, [f.dropped_ms for f in peer.flushes])
    assert all(abs(error) <= 1 for error in errors), errors


def _wait_for_speech(peer: Peer, since: int, ms: int) -> None:
    peer.wait_until(lambda: _speech_ms(peer.heard[since:]) >= ms, f"{ms} ms of speech")


def _speech_ms(heard: list[bytes | None]) -> int:
    return sum(frame is not None for frame in heard) * FRAME_MS
