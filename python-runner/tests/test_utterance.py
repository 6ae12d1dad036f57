"""How far a voice has come, and what the next one has to say."""

from __future__ import annotations

from pipecat_runner._parts.utterance import Utterance

TEXT = "One is here. Two is there. Three is far."


def begun() -> Utterance:
    utterance = Utterance()
    for token in TEXT.split(" "):
        utterance.add(token + " ")
    assert utterance.announce("One is here.", "c")
    return utterance


def test_nothing_spoken_is_said_from_the_beginning() -> None:
    assert begun().rest().strip() == TEXT


def test_a_sentence_is_done_when_its_text_comes_behind_its_audio() -> None:
    utterance = begun()
    utterance.sound(600)
    utterance.sentence("One is here.")
    assert utterance.rest().strip() == "Two is there. Three is far."


def test_a_sentence_that_broke_off_is_said_from_its_beginning() -> None:
    utterance = begun()
    utterance.sound(600)
    utterance.sentence("One is here.")
    utterance.announce("Two is there.", "c")
    utterance.sound(200)
    assert utterance.rest().strip() == "Two is there. Three is far."


def test_the_last_word_of_a_sentence_ends_it_whatever_punctuation_follows() -> None:
    utterance = begun()
    for word in ("One", "is", "here"):
        utterance.word(word)
    assert utterance.rest().strip() == "Two is there. Three is far."
    utterance.announce("Two is there.", "c")
    utterance.word("Two")
    assert utterance.rest().strip() == "Two is there. Three is far."


def test_a_voice_that_gives_its_texts_back_first_is_judged_by_its_audio() -> None:
    utterance = begun()
    utterance.sentence("One is here.")
    utterance.announce("Two is there.", "c")
    utterance.sentence("Two is there.")
    utterance.sound(65 * 16)
    assert utterance.rest().strip() == "Two is there. Three is far."
    utterance.stop()
    assert utterance.rest().strip() == "Three is far."


def test_text_of_somebody_else_is_not_taken_for_its_own() -> None:
    utterance = begun()
    assert not utterance.announce("One moment, please.", "d")
    utterance.word("moment")
    utterance.sentence("One moment, please.")
    assert utterance.rest().strip() == TEXT
