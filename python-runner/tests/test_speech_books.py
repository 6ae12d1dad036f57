"""What waits for the ear, and which words of a sentence were heard: plain data, no pipeline."""

from __future__ import annotations

import numpy as np
import pytest

from pipecat_runner._link.held import HeldQueue
from pipecat_runner._link.speech import Sentence, SpeechBook, TextOrder
from pipecat_runner._link.voiced import VoicedSpan
from pipecat_runner._link.words import split_spoken

RATE = 16_000
MS = 16
TEXT = "One two, three four."


def voice(ms: int, level: int = 3000) -> bytes:
    return np.full(ms * MS, level, dtype="<i2").tobytes()


def due(queue: HeldQueue[str], heard: int) -> list[str]:
    items = []
    while (item := queue.pop_due(heard)) is not None:
        items.append(item)
    return items


def test_items_come_out_in_order_when_their_place_was_heard() -> None:
    queue: HeldQueue[str] = HeldQueue(RATE)
    queue.hold("a", 0)
    queue.hold("b", 320)
    queue.hold("c", 320)

    assert due(queue, 319) == ["a"]
    assert due(queue, 320) == ["b", "c"]
    assert len(queue) == 0


def test_timed_items_wait_for_their_context_and_follow_placed_ones_at_the_same_place() -> None:
    queue: HeldQueue[str] = HeldQueue(RATE)
    queue.hold_timed("second word", 1_500_000_000, "ctx")
    queue.hold_timed("first word", 1_000_000_000, "ctx")
    assert due(queue, 10**9) == []
    queue.anchor("ctx", 1_000_000_000, 3200)
    queue.hold("bot started", 3201)

    assert due(queue, 3200) == []
    assert due(queue, 3201) == ["bot started", "first word"]
    assert due(queue, 3200 + RATE // 2) == []
    assert due(queue, 3200 + RATE // 2 + 1) == ["second word"]


def test_a_timed_item_without_context_belongs_to_the_last_that_began_before_it() -> None:
    queue: HeldQueue[str] = HeldQueue(RATE)
    queue.anchor("early", 1_000_000_000, 0)
    queue.anchor("late", 5_000_000_000, 10 * RATE)
    queue.hold_timed("end", 2_000_000_000, None)

    assert due(queue, RATE) == []
    assert due(queue, RATE + 1) == ["end"]


def test_clearing_gives_back_what_was_placed() -> None:
    queue: HeldQueue[str] = HeldQueue(RATE)
    queue.hold("placed", 1)
    queue.hold_timed("timed", 1, None)

    assert queue.clear() == ["placed"]
    assert len(queue) == 0


@pytest.mark.parametrize(
    ("fraction", "spoken"),
    [(-1.0, ""), (0.0, ""), (0.08, ""), (0.1, "One"), (0.5, "One two,"), (0.99, TEXT), (2.0, TEXT)],
)
def test_a_word_is_spoken_when_its_middle_was(fraction: float, spoken: str) -> None:
    assert split_spoken(TEXT, fraction)[0] == spoken


def test_a_split_loses_nothing_at_any_place() -> None:
    for step in range(101):
        spoken, rest = split_spoken(TEXT, step / 100)
        assert f"{spoken} {rest}".split() == TEXT.split()


def test_text_without_words_has_no_prefix() -> None:
    assert split_spoken("", 0.5) == ("", "")
    assert split_spoken("…", 1.0)[0] == "…"


def test_silence_around_the_voice_is_measured_across_pieces() -> None:
    span = VoicedSpan()
    for piece in (voice(50, 0), voice(20, 0) + voice(30), voice(100), voice(200, 10)):
        span.add(piece, RATE)

    assert (span.lead_ms, span.voiced_until_ms, span.total_ms) == (70, 200, 400)
    assert span.voiced_ms == 130


def test_the_loudest_sample_is_not_taken_for_silence() -> None:
    span = VoicedSpan()
    span.add(voice(20, -32768), RATE)

    assert span.lead_ms == 0


def book_with(lead: int, voiced: int, tail: int, *, complete: bool = True) -> SpeechBook[str]:
    book: SpeechBook[str] = SpeechBook(RATE)
    book.announce(Sentence(1, TEXT, "sentence", "ctx"))
    book.add_audio("ctx", voice(lead, 0) + voice(voiced) + voice(tail, 0), RATE)
    if complete:
        assert book.add_text(1, "ctx", "text") is TextOrder.AFTER_AUDIO
    book.sentence_starts(1, 1000)
    return book


def test_the_prefix_of_a_sentence_counts_its_voice_only() -> None:
    plain = book_with(0, 1000, 0).spoken_prefix(1000 + 500 * MS)
    padded = book_with(200, 1000, 300).spoken_prefix(1000 + 700 * MS)

    assert plain is not None
    assert padded is not None
    assert plain.spoken == padded.spoken == "One two,"
    assert plain.rest == "three four."


def test_nothing_is_spoken_during_the_leading_silence() -> None:
    assert book_with(200, 1000, 300).spoken_prefix(1000 + 190 * MS) is None


def test_an_unfinished_sentence_is_as_long_as_its_text_suggests() -> None:
    book = book_with(0, 300, 0, complete=False)
    prefix = book.spoken_prefix(1000 + 300 * MS)

    # 20 characters at 65 ms make 1300 ms, of which 300 were heard.
    assert prefix is not None
    assert prefix.spoken == "One"


def test_a_sentence_that_was_heard_is_closed() -> None:
    book = book_with(0, 1000, 0)
    book.sentence_heard(1)

    assert book.spoken_prefix(1000 + 500 * MS) is None


def test_text_before_its_audio_is_kept_until_its_share_of_the_audio_was_heard() -> None:
    book: SpeechBook[str] = SpeechBook(RATE)
    for number, text in ((1, "First half."), (2, "Other half.")):
        book.announce(Sentence(number, text, "sentence", "ctx"))
        assert book.add_text(number, "ctx", text) is TextOrder.BEFORE_AUDIO
    book.context_starts("ctx", 0)
    book.add_audio("ctx", voice(2000), RATE)
    book.context_complete("ctx")

    assert book.pop_heard_text(999 * MS) is None
    assert book.pop_heard_text(1000 * MS) == "First half."
    assert book.pop_heard_text(1999 * MS) is None
    prefix = book.spoken_prefix(1500 * MS)
    assert prefix is not None
    assert prefix.spoken == "Other"
    assert book.finish_context("ctx") == ["Other half."]


def test_text_that_comes_behind_the_start_of_its_context_has_a_place_all_the_same() -> None:
    book: SpeechBook[str] = SpeechBook(RATE)
    book.announce(Sentence(1, TEXT, "sentence", None))
    book.context_starts("ctx", 1600)
    assert book.add_text(1, "ctx", "text") is TextOrder.BEFORE_AUDIO
    book.add_audio("ctx", voice(1000), RATE)
    book.context_complete("ctx")

    prefix = book.spoken_prefix(1600 + 550 * MS)
    assert prefix is not None
    assert prefix.spoken == "One two,"
    assert book.pop_heard_text(1600 + 999 * MS) is None
    assert book.pop_heard_text(1600 + 1000 * MS) == "text"
