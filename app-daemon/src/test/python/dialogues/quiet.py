"""Callers who press keys or say nothing, and conversations in writing."""

from __future__ import annotations

from dialogues.call import Call
from dialogues.servers import Say
from dialogues.stage import Scene, dialogue, listening

KEYS = listening({"dtmf: 42": Say("You chose forty two."), "dtmf: 7": Say("You chose seven.")})


@dialogue("keys", mind=KEYS)
async def keys_are_complete_at_the_hash(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    call.press("42#")
    await call.event("dtmf_received")
    await call.hears("forty two")


@dialogue("keys", mind=KEYS, dtmf={"timeout_secs": 0.8})
async def keys_are_complete_when_no_further_one_comes(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    call.press("7")
    await call.hears("seven")


@dialogue(
    "silence",
    mind=KEYS,
    idle={"after_secs": 1.5, "reminders": ["Are you there?"], "goodbye": "I hang up now."},
)
async def a_caller_who_says_nothing_is_asked_and_then_let_go(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.hears("are you there")
    await call.hears("hang up now")
    await call.ended("idle")


@dialogue(
    "silence",
    mind=listening({"hear me": Say("Yes, I can hear you.")}),
    idle={"after_secs": 2.5, "reminders": ["Are you there?"], "goodbye": "I hang up now."},
)
async def a_caller_who_answers_the_question_goes_on(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.hears("are you there")
    await call.says("hello")
    await call.hears("I can hear you")
    call.never("message_bot_heard", "hang up")
