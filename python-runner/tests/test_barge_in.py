"""What it takes to interrupt the bot, and what becomes of the rest. Each word of the bot is another sample value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.caller import TalkingBot
from tests.support.peer import FRAME_MS, Peer
from tests.support.runner import Runner
from tests.support.words import (
    SHORT,
    STORY,
    SentenceVoice,
    TextFirstVoice,
    TimedVoice,
    heard_ms_by_word,
    word_ms,
    words_heard,
)

VOICES = {"sentences": SentenceVoice, "word times": TimedVoice, "text first": TextFirstVoice}
QUESTION = "a story"


class Talk:
    """A call whose bot has begun its long answer."""

    def __init__(self, runner: Runner, peer: Peer, bot: TalkingBot) -> None:
        self.runner, self.peer, self.bot, self.caller = runner, peer, bot, bot.caller

    def wait_for_speech(self, ms: int) -> None:
        self.peer.wait_until(lambda: self.peer.heard_ms() >= ms, f"{ms} ms of speech")

    def wait_for_turns(self, count: int) -> None:
        """Wait until so many turns of the bot are in the context."""
        self.peer.wait_until(lambda: len(self.bot.spoken()) >= count, f"{count} turns of the bot")

    def wait_for_silence(self, ms: int) -> None:
        """Wait until nothing was heard for a while."""
        frames = ms // FRAME_MS
        self.peer.wait_until(lambda: not any(self.peer.heard[-frames:]), f"{ms} ms of silence")

    def first_reply(self) -> list[bytes | None]:
        """What was heard of the long answer: up to the interruption if there was one."""
        flush = self.peer.flushes[-1]
        return self.peer.heard[: flush.heard_frames] if len(self.peer.flushes) > 1 else self.peer.heard


Start = Callable[..., Talk]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def start(voice: str = "sentences", speech_ms: int = 700, **turn: Any) -> Talk:
            bots: list[TalkingBot] = []

            def build(_: object) -> TalkingBot:
                bots.append(TalkingBot(VOICES[voice](), **turn))
                return bots[-1]

            peer = stack.enter_context(Peer())
            runner = stack.enter_context(Runner(build))
            runner.start(peer)
            peer.say(QUESTION)
            talk = Talk(runner, peer, bots[0])
            talk.wait_for_speech(speech_ms)
            return talk

        yield start


def within_one_word(talk: Talk, heard: list[bytes | None]) -> bool:
    return abs(len(talk.bot.spoken()[0].split()) - words_heard(heard, STORY)) <= 1


def test_a_voice_interrupts_at_once(start: Start) -> None:
    talk = start(barge_in="voice")
    markers = talk.peer.markers
    talk.caller.starts()
    talk.peer.wait_until(lambda: talk.peer.markers > markers, "the interruption, before a word was understood")
    talk.caller.stops()
    talk.caller.is_understood("What about Sunday?")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[2:] == [("user", "What about Sunday?"), ("assistant", SHORT)]
    assert within_one_word(talk, talk.first_reply())


def test_words_interrupt_when_there_are_enough_of_them(start: Start) -> None:
    talk = start(barge_in="words", barge_in_words=3)
    markers = talk.peer.markers
    talk.caller.starts()
    talk.caller.hears_so_far("what")
    talk.caller.hears_so_far("what about")
    before = talk.peer.heard_ms()
    talk.wait_for_speech(before + 500)
    assert talk.peer.markers == markers, "two words are not three"
    talk.caller.hears_so_far("what about Sunday")
    talk.peer.wait_until(lambda: talk.peer.markers > markers, "the interruption, while the caller still speaks")
    talk.caller.stops()
    talk.caller.is_understood("What about Sunday?")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[2:] == [("user", "What about Sunday?"), ("assistant", SHORT)]
    assert within_one_word(talk, talk.first_reply())


def test_words_of_a_recogniser_that_hears_whole_sentences_interrupt_when_it_has_heard_them(start: Start) -> None:
    talk = start(barge_in="words", barge_in_words=3)
    talk.caller.says("And then?")
    talk.caller.says("What about Sunday?")
    talk.wait_for_turns(2)

    # Said in two parts, the words count together and are answered together.
    assert talk.bot.conversation()[2:] == [("user", "And then? What about Sunday?"), ("assistant", SHORT)]
    assert words_heard(talk.first_reply(), STORY) < len(STORY.split())


@pytest.mark.parametrize("barge_in", ["off", "words"])
def test_what_does_not_interrupt_is_answered_when_the_bot_has_finished(start: Start, barge_in: str) -> None:
    talk = start(barge_in=barge_in, barge_in_words=3)
    markers = talk.peer.markers
    talk.caller.says("Really now?")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[1:] == [("assistant", STORY), ("user", "Really now?"), ("assistant", SHORT)]
    assert words_heard(talk.peer.heard, STORY) == len(STORY.split())
    assert talk.peer.markers == markers


def test_who_still_speaks_when_a_bot_that_is_not_interrupted_ends_has_the_turn(start: Start) -> None:
    talk = start(barge_in="off")
    talk.caller.starts()
    talk.caller.is_understood("Well,")
    talk.peer.wait_for_message("bot-stopped-speaking")
    talk.peer.wait_for_message("user-started-speaking")
    talk.caller.stops()
    talk.caller.is_understood("what about Sunday?")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[1:] == [
        ("assistant", STORY),
        ("user", "Well, what about Sunday?"),
        ("assistant", SHORT),
    ]


def test_a_backchannel_in_the_middle_is_no_question(start: Start) -> None:
    talk = start(barge_in="off")
    talk.caller.says("Mm-hmm. I see.")
    talk.peer.wait_for_message("bot-stopped-speaking")
    talk.caller.says("Thank you.")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[1:] == [("assistant", STORY), ("user", "Thank you."), ("assistant", SHORT)]


def test_a_recogniser_that_knows_turns_decides(start: Start) -> None:
    talk = start(stop="provider")
    markers = talk.peer.markers
    talk.caller.starts(proposed=True)
    talk.peer.wait_until(lambda: talk.peer.markers > markers, "the interruption")
    talk.peer.wait_for_message("bot-stopped-speaking")
    talk.caller.is_understood("What about Sunday?")
    talk.caller.stops(proposed=True)
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[2:] == [("user", "What about Sunday?"), ("assistant", SHORT)]


# -- the pause


@pytest.mark.parametrize("voice", VOICES)
def test_a_backchannel_pauses_the_bot_and_every_word_is_heard_once(start: Start, voice: str) -> None:
    talk = start(voice, resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(300)
    paused = talk.peer.flushes[-1]
    talk.caller.stops()
    talk.caller.is_understood("Uh-huh.")
    talk.peer.wait_for_message("bot-stopped-speaking")
    talk.wait_for_turns(1)
    heard = heard_ms_by_word(talk.peer.heard)

    assert paused.dropped_ms > 0, "nothing was silenced"
    assert [data["t"] for data in talk.peer.data("server-message")].count("paused") == 1
    assert heard == {i: word_ms(word) for i, word in enumerate(STORY.split())}
    assert talk.bot.conversation() == [("user", QUESTION), ("assistant", STORY)]
    assert not talk.peer.data("user-started-speaking")
    assert len(talk.peer.data("bot-stopped-speaking")) == 1
    assert talk.peer.data("bot-output")[-1]["spoken_status"] == "completed"


def test_a_backchannel_that_is_understood_before_the_voice_ends_is_one_too(start: Start) -> None:
    talk = start(resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(100)
    talk.caller.is_understood("Okay,")
    talk.caller.stops()
    before = len(talk.peer.heard)
    talk.peer.wait_until(lambda: any(talk.peer.heard[before:]), "the bot to go on")
    assert (len(talk.peer.heard) - before) * FRAME_MS < 1500, "as long as for a noise"
    talk.wait_for_turns(1)

    assert talk.bot.conversation() == [("user", QUESTION), ("assistant", STORY)]


@pytest.mark.parametrize("voice", VOICES)
def test_a_pause_becomes_an_interruption_where_it_began(start: Start, voice: str) -> None:
    talk = start(voice, resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(300)
    paused = talk.peer.flushes[-1]
    talk.caller.stops()
    talk.caller.is_understood("What about Sunday?")
    talk.wait_for_turns(2)

    assert within_one_word(talk, talk.peer.heard[: paused.heard_frames])
    assert talk.bot.conversation()[2:] == [("user", "What about Sunday?"), ("assistant", SHORT)]
    assert talk.peer.flushes[-1].dropped_ms == 0, "something was played after the pause"


def test_a_noise_is_no_interruption(start: Start) -> None:
    talk = start(resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(200)
    talk.caller.stops()
    talk.wait_for_turns(1)

    assert heard_ms_by_word(talk.peer.heard) == {i: word_ms(word) for i, word in enumerate(STORY.split())}
    assert talk.bot.conversation() == [("user", QUESTION), ("assistant", STORY)]


def test_a_second_pause_before_the_first_was_made_up_for_loses_nothing(start: Start) -> None:
    talk = start("text first", resume_after_backchannel=True)
    for _ in range(3):
        talk.caller.starts()
        talk.wait_for_silence(100)
        talk.caller.stops()
        talk.caller.is_understood("Yeah.")
        before = talk.peer.heard_ms()
        talk.wait_for_speech(before + 60)
    talk.wait_for_turns(1)

    assert heard_ms_by_word(talk.peer.heard) == {i: word_ms(word) for i, word in enumerate(STORY.split())}


@pytest.mark.parametrize("voice", VOICES)
def test_an_interruption_after_pauses_leaves_the_context_as_heard(start: Start, voice: str) -> None:
    talk = start(voice, resume_after_backchannel=True)
    for _ in range(3):
        talk.caller.starts()
        talk.wait_for_silence(100)
        talk.caller.stops()
        talk.caller.is_understood("Yeah.")
        before = talk.peer.heard_ms()
        talk.wait_for_speech(before + 100)
    talk.caller.starts()
    talk.wait_for_silence(100)
    paused = talk.peer.flushes[-1]
    talk.caller.stops()
    talk.caller.is_understood("What about Sunday?")
    talk.wait_for_turns(2)

    # Without moving what waits, every pause would let 400 ms of words go too early.
    assert within_one_word(talk, talk.peer.heard[: paused.heard_frames])
    assert talk.bot.conversation()[2:] == [("user", "What about Sunday?"), ("assistant", SHORT)]


def test_who_goes_on_speaking_says_more_than_a_backchannel(start: Start) -> None:
    talk = start(resume_after_backchannel=True)
    talk.caller.starts()
    talk.peer.wait_for_message("user-started-speaking")
    talk.caller.stops()
    talk.caller.is_understood("Yes.")
    talk.wait_for_turns(2)

    assert talk.bot.conversation()[2:] == [("user", "Yes."), ("assistant", SHORT)]


def test_few_words_pause_and_are_answered_afterwards_where_words_interrupt(start: Start) -> None:
    talk = start(barge_in="words", barge_in_words=3, resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(100)
    talk.caller.stops()
    talk.caller.is_understood("Really now?")
    talk.wait_for_turns(2)

    assert heard_ms_by_word(talk.peer.heard)[len(STORY.split()) - 1] == word_ms("rain.")
    assert talk.bot.conversation()[1:] == [("assistant", STORY), ("user", "Really now?"), ("assistant", SHORT)]


def test_a_call_can_end_in_a_pause(start: Start) -> None:
    talk = start(resume_after_backchannel=True)
    talk.caller.starts()
    talk.wait_for_silence(100)
    talk.caller.stops()
    assert talk.runner.stop(drain=True).status_code == 200
    closed = talk.peer.wait_closed()

    assert closed.code == 1000
    assert words_heard(talk.peer.heard, STORY) == len(STORY.split())


def test_an_estimated_prefix_is_marked_as_one(start: Start) -> None:
    talk = start("sentences")
    talk.caller.says("What about Sunday?")
    talk.wait_for_turns(2)
    kinds = [(m["type"], m.get("data") or {}) for m in talk.peer.messages]
    marked = next(
        i for i, (kind, data) in enumerate(kinds) if kind == "server-message" and data["t"] == "heard-estimated"
    )
    progress = next(data for kind, data in kinds[marked:] if kind == "bot-output")

    assert kinds[marked][1]["d"]["segment_id"] == progress["segment_id"]
    assert progress["spoken_status"] == "in-progress"
    assert progress["spoken_progress"]["remaining_text"]


def test_words_with_times_are_not_estimated(start: Start) -> None:
    talk = start("word times")
    talk.caller.says("What about Sunday?")
    talk.wait_for_turns(2)

    assert all(data["t"] != "heard-estimated" for data in talk.peer.data("server-message"))
