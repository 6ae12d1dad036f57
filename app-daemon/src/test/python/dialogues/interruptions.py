"""Callers who speak while the bot does, in each of the manners an agent can have."""

from __future__ import annotations

import asyncio

from dialogues.call import Call
from dialogues.servers import Say
from dialogues.stage import Scene, dialogue, listening

STORY = "Once upon a time there was a king. He had three daughters. They lived in a large castle. That is the end."
TELLER = listening({"story": Say(STORY), "enough": Say("Very well, I stop."), "okay": Say("Okay was answered.")})


async def _story(call: Call) -> None:
    await call.hears("welcome")
    await call.says("story")
    await call.event("bot_started_speaking")
    # Into the first words.
    await asyncio.sleep(0.6)


@dialogue("interruptions", mind=TELLER)
async def a_voice_stops_the_bot_at_once(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("stop")
    await call.event("bot_interrupted")
    await call.hears("very well")
    call.never("message_bot_heard", "the end")
    spoken = next(m for m in scene.asked()[-1]["messages"] if "once upon" in str(m.get("content")).lower())
    assert "castle" not in spoken["content"], "the model believes that it said what was never heard"


@dialogue("interruptions", mind=TELLER, turn={"barge_in": "words", "barge_in_words": 3})
async def one_word_is_not_enough_where_three_are_asked_for(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("okay")
    await call.hears("the end")
    call.never("bot_interrupted")


@dialogue("interruptions", mind=TELLER, turn={"barge_in": "words", "barge_in_words": 3})
async def four_words_are_enough_where_three_are_asked_for(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("stop")
    await call.event("bot_interrupted")
    await call.hears("very well")
    call.never("message_bot_heard", "the end")


@dialogue("interruptions", mind=TELLER, turn={"barge_in": "off"})
async def a_bot_that_is_not_interrupted_answers_afterwards(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("stop")
    await call.hears("the end")
    await call.hears("very well")
    call.never("bot_interrupted")


@dialogue("interruptions", mind=TELLER, turn={"resume_after_backchannel": True})
async def after_an_okay_the_bot_goes_on_where_it_was(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("okay")
    await call.hears("the end")
    call.never("message_bot_heard", "answered")
    for sentence in ("king", "daughters", "castle", "the end"):
        assert call.heard_times(sentence) == 1, sentence


@dialogue("interruptions", mind=TELLER, turn={"resume_after_backchannel": True})
async def after_a_pause_that_was_meant_the_bot_answers(call: Call, scene: Scene) -> None:
    await _story(call)
    await call.says("stop")
    await call.hears("very well")
    call.never("message_bot_heard", "the end")
