"""Tools that wait for the caller's ear: those that end the call, and keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.services import Answer, CallTool, Say
from tests.support.stage import VOICE, Stage, answers, ok, tool
from tests.support.strict import Messages
from tests.support.words import SentenceVoice, TextFirstVoice, TimedVoice

THROUGH = CallTool({"": "I put you through to sales now.", "transfer": {}})


@pytest.mark.parametrize("voice", [SentenceVoice, TimedVoice, TextFirstVoice])
def test_a_transfer_begins_when_the_sentence_before_it_was_heard(voice: type[SentenceVoice]) -> None:
    heard: list[list[str]] = []

    with Stage(answers(sales=THROUGH), voice) as stage:

        def respond(call: dict[str, Any]) -> Answer:
            heard.append(stage.spoken())
            return ok(call)

        stage.respond = respond
        stage.start([tool("transfer", ends_call="transfer")], tts=VOICE)
        stage.say("sales")
        closed = stage.peer.wait_closed()

    assert heard == [["I put you through to sales now."]]
    assert closed.code == 1000
    assert stage.ending() == "transferred"
    assert len(stage.llm.requests) == 1


def test_a_transfer_that_fails_is_told_to_the_model_and_the_call_goes_on() -> None:
    with Stage(answers(sales=THROUGH)) as stage:
        stage.respond = lambda call: (200, {"result": "failed", "message": "nobody answers"})
        stage.start([tool("transfer", ends_call="transfer", run_llm=False)], tts=VOICE)
        stage.say("sales")
        stage.wait_said("nobody answers")
        stage.say("hello")
        stage.wait_spoken("I am listening.")

    assert stage.ending() is None


@pytest.mark.parametrize("name", ["transfer", "hang_up"])
def test_a_caller_who_interrupts_the_last_sentence_stays(name: str) -> None:
    long = "Goodbye and thank you very much for your call today, it was a pleasure to talk to you."
    config = {"ends_call": "transfer"} if name == "transfer" else {"builtin": "hang_up"}
    with Stage(answers(bye=CallTool({"": long, name: {}}))) as stage:
        stage.start([tool(name, **config)], tts=VOICE)
        stage.say("bye")
        stage.peer.wait_until(lambda: stage.peer.heard_ms() > 300, "the goodbye to begin")
        stage.say("wait")
        stage.wait_spoken("I am listening.")

    assert stage.tools.requests == []
    assert '"status": "cancelled"' in stage.results()[0]
    first = stage.llm.said_by("assistant")[0]
    assert long.startswith(first)
    assert first != long


def test_hang_up_lets_the_goodbye_be_heard() -> None:
    with Stage(answers(bye=CallTool({"": "Goodbye my friend.", "hang_up": {}}))) as stage:
        stage.start([tool("hang_up", builtin="hang_up")], tts=VOICE)
        stage.say("bye")
        stage.peer.wait_closed()

    assert stage.spoken() == ["Goodbye my friend."]
    assert stage.ending() == "bot_ended"
    assert len(stage.llm.requests) == 1


def test_keys_are_played_behind_what_was_said() -> None:
    def answer(messages: Messages) -> Say | CallTool:
        if messages[-1]["role"] == "tool":
            return Say("Sent.")
        return CallTool({"": "One.", "press": {"digits": "4#"}})

    with Stage(answer) as stage:
        stage.start([tool("press", builtin="send_dtmf", parameters={})], tts=VOICE)
        stage.say("press")
        stage.wait_spoken("Sent.")

    assert '"status": "ok"' in stage.results()[0]
    pcm = np.frombuffer(b"".join(frame for frame in stage.peer.heard if frame), "<i2")
    assert _keys_in(pcm, stage.peer.rate) == ["4", "#"]
    first_tone = next(i for i in range(0, len(pcm) - 320, 160) if _key_at(pcm[i : i + 320], stage.peer.rate))
    assert np.all(pcm[: first_tone - 320] == 1000), "the word comes first"


def test_keys_that_no_telephone_has_go_back_to_the_model() -> None:
    with Stage(answers(press=CallTool({"press": {"digits": "call me"}}))) as stage:
        stage.start([tool("press", builtin="send_dtmf", parameters={})])
        stage.say("press")
        stage.wait_said("does not match")

    assert not stage.peer.received
    assert "12" not in stage.said()


_LOW = {697: "123A", 770: "456B", 852: "789C", 941: "*0#D"}
_HIGH = (1209, 1336, 1477, 1633)


def _key_at(block: np.ndarray[Any, Any], rate: int) -> str | None:
    """The key whose two frequencies hold most of a block's energy, by Goertzel's sum."""
    time = np.arange(len(block)) / rate
    power = {f: abs(np.sum(block * np.exp(-2j * np.pi * f * time))) / len(block) for f in (*_LOW, *_HIGH)}
    low, high = max(_LOW, key=lambda f: power[f]), max(_HIGH, key=lambda f: power[f])
    return _LOW[low][_HIGH.index(high)] if min(power[low], power[high]) > 2500 else None


def _keys_in(pcm: np.ndarray[Any, Any], rate: int) -> list[str]:
    keys: list[str] = []
    last: str | None = None
    for start in range(0, len(pcm) - 480, 320):
        key = _key_at(pcm[start : start + 480].astype(float), rate)
        if key is not None and key != last:
            keys.append(key)
        last = key
    return keys
