"""Providers that fail: what the caller hears, what the platform is told, and who takes over."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import psutil

from dialogues.call import Call, Failed
from dialogues.servers import Answer, Drop, Fail, Garbage, Mind, Say, Stall
from dialogues.stage import Scene, dialogue, listening

FAILURE = {"sentence": "Sorry, please say that again.", "goodbye": "We have difficulties. Goodbye."}
SUNNY = listening({"weather": Say("It is sunny today.")})
OTHER: dict[str, Any] = {"type": "openai_compatible", "base_url": "{minds}/v1", "model": "{name}-other"}


def in_turn(*answers: Answer) -> Mind:
    """A model that gives these answers one after the other, the last one for ever."""
    left = list(answers)

    def think(_: Any) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return think


async def _asks(call: Call) -> None:
    await call.hears("welcome")
    await call.says("weather")


@dialogue("failures", mind=in_turn(Fail(500), Say("It is sunny today.")), failure=FAILURE)
async def an_answer_that_failed_once_is_asked_for_again(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.hears("sunny")
    call.never("message_bot_heard", "sorry")


@dialogue("failures", minds={"": in_turn(Fail(401)), "-other": SUNNY}, llm={"fallback": [OTHER]}, failure=FAILURE)
async def another_model_takes_over_when_the_key_is_refused(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.event("error_reported", part="llm", kind="authentication", action="switched")
    await call.hears("sunny")
    call.never("message_bot_heard", "sorry")


@dialogue("failures", mind=in_turn(Stall()), llm={"stall_secs": 1.5}, failure={**FAILURE, "retries": 0})
async def a_model_that_says_nothing_is_apologised_for(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.event("error_reported", part="llm", kind="stall", action="apologised")
    await call.hears("sorry")


@dialogue(
    "failures",
    mind=in_turn(Drop("The weather today is"), Drop("The weather today is"), Say("It is sunny today.")),
    failure={**FAILURE, "retries": 0},
)
async def an_answer_that_breaks_off_is_apologised_for(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.event("error_reported", part="llm")
    await call.hears("sorry")


@dialogue("failures", mind=in_turn(Garbage()), failure={**FAILURE, "retries": 0})
async def an_answer_that_is_none_is_apologised_for(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.event("error_reported", part="llm")
    await call.hears("sorry")


@dialogue("failures", mind=in_turn(Fail(503)), failure={**FAILURE, "retries": 0, "give_up_after": 2})
async def after_failures_in_a_row_the_bot_says_goodbye(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.hears("sorry")
    await call.says("weather")
    await call.hears("difficulties")
    await call.ended("bot_ended")


@dialogue(
    "failures",
    mind=SUNNY,
    failure=FAILURE,
    tts={
        "type": "openai",
        "model": "tts-1",
        "voice": "alloy",
        "api_key": "k",
        "base_url": "http://{nowhere}/v1",
        "language": None,
        "fallback": [{"type": "piper"}],
    },
)
async def another_voice_says_what_the_first_could_not(call: Call, scene: Scene) -> None:
    await call.event("error_reported", part="tts", action="switched")
    await call.hears("welcome")
    await call.says("weather")
    await call.hears("sunny")


@dialogue(
    "failures",
    mind=SUNNY,
    failure={**FAILURE, "unheard": "I could not hear you."},
    stt={
        "type": "openai_whisper",
        "model": "whisper-1",
        "api_key": "k",
        "base_url": "http://{nowhere}/v1",
        "fallback": [{"type": "whisper"}],
    },
)
async def another_recogniser_takes_over(call: Call, scene: Scene) -> None:
    await _asks(call)
    await call.event("error_reported", part="stt", within=30)
    if not call.heard_times("sunny"):
        # What was said into the broken one may be lost; what is said now is not.
        try:
            await call.hears("sunny", within=8)
        except Failed:
            await call.says("weather")
            await call.hears("sunny")


@dialogue(
    "failures",
    alone=True,
    mind=SUNNY,
    failure={**FAILURE, "resumed": "I am back again."},
)
async def a_caller_whose_runner_died_is_kept_and_answered(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("weather")
    await call.hears("sunny")
    frames = len(call.sounding)
    killed = time.monotonic()
    for worker in _workers():
        os.kill(worker, signal.SIGKILL)
    await call.hears("back again", within=40)
    waited = time.monotonic() - killed
    assert (len(call.sounding) - frames) / waited > 45, "the line was not kept alive"
    await call.says("weather")
    await call.hears("sunny")
    roles = [message["role"] for message in scene.asked()[-1]["messages"]]
    assert roles.count("user") == 2, f"the conversation before was forgotten: {scene.asked()[-1]['messages']}"
    call.never("pipecatcall_terminated")


def _workers() -> list[int]:
    """The worker processes of the runner that this test's daemon started."""
    return [
        process.pid
        for process in psutil.Process().children(recursive=True)
        if "pipecat_runner._pool.worker" in process.cmdline()
    ]
