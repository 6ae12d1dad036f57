"""What the caller hears when a voice fails: the same sentences from the next, or that something went wrong."""

from __future__ import annotations

import struct
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack
from itertools import groupby
from typing import Any, cast

import pytest
from pipecat.frames.frames import ErrorFrame, Frame

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.table import Provider
from pipecat_runner._providers.tts import PROVIDERS as VOICES
from pipecat_runner._providers.tts import Voice
from tests.support.peer import FRAME_MS, Peer
from tests.support.runner import Runner
from tests.support.services import Break, CallTool, LlmServer, Refuse, Say, Scripted, SpeechServer, Stall
from tests.support.words import RATE, SentenceVoice, TextFirstVoice, TimedVoice

A, B = 8000, 16000
ANSWER = "One comes first. Two comes second. Three comes third."
SENTENCES = ["One comes first.", "Two comes second.", "Three comes third."]
HANG_UP = {"name": "hang_up", "description": "", "builtin": "hang_up"}


def answers(message: dict[str, Any]) -> Scripted:
    content = str(message.get("content"))
    return CallTool({"": "Bye bye now.", "hang_up": {}}) if "bye" in content else Say(ANSWER)


def failing(on: str, fault: Scripted, *, times: int = 100) -> Callable[[str], Scripted]:
    """Fails on sentences that begin so, this many times."""
    left = [fault] * times

    def script(sentence: str) -> Scripted:
        return left.pop() if sentence.startswith(on) and left else Say(sentence)

    return script


@pytest.fixture
def speak() -> Iterator[Callable[..., SpeechServer]]:
    with ExitStack() as stack:

        def start(level: int, *script: Callable[[str], Scripted]) -> SpeechServer:
            server = stack.enter_context(SpeechServer(level, *script))
            assert isinstance(server, SpeechServer)
            return server

        yield start


@pytest.fixture(scope="module")
def llm() -> Iterator[LlmServer]:
    with LlmServer(answers) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.fixture(scope="module")
def running() -> Iterator[Runner]:
    with Runner() as made:
        yield made
    assert made.left_over == []


@pytest.fixture
def runner(running: Runner, llm: LlmServer) -> Iterator[Runner]:
    llm.requests.clear()
    yield running
    running.wait_idle()


class Breaking:
    """Comes before a scripted voice: breaks off after the second word of the second sentence."""

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        if not text.startswith("Two"):
            async for frame in super().run_tts(text, context_id):  # type: ignore[misc]
                yield frame
            return
        async for frame in super().run_tts("Two comes", context_id):  # type: ignore[misc]
            yield frame
        yield ErrorFrame("broke off", exception=ConnectionError())


class BreakingTimed(Breaking, TimedVoice):
    """Tells the time of each word."""


class BreakingTextFirst(Breaking, TextFirstVoice):
    """Takes a text at once, and its audio comes later."""


def tts(server: SpeechServer, **more: Any) -> dict[str, Any]:
    return {"type": "openai", "base_url": server.base_url, "api_key": "sk-secret", "stall_secs": 0.6, **more}


def agent(llm: LlmServer, first: SpeechServer, *others: SpeechServer, **more: Any) -> dict[str, Any]:
    model = {"type": "openai_compatible", "model": "m", "base_url": llm.base_url}
    return {"llm": model, "tts": tts(first, fallback=[tts(other) for other in others]), **more}


def heard(peer: Peer) -> list[tuple[int, int]]:
    """Who was heard, and for how many ms each time: A, B, or 0 for something else."""

    def who(frame: bytes) -> int:
        values = struct.unpack(f"<{len(frame) // 2}h", frame)
        return next((level for level in (A, B) if abs(max(values) - level) < 200), 0)

    voices = [who(frame) for frame in peer.heard if frame is not None]
    return [(level, len(list(run)) * FRAME_MS) for level, run in groupby(voices)]


def told(peer: Peer) -> list[tuple[str, str, str]]:
    errors = [data["d"] for data in peer.data("server-message") if data["t"] == "provider-error"]
    return [(d["part"], d["kind"], d["action"]) for d in errors]


def wait_said(peer: Peer, text: str, turns: int = 1) -> None:
    def is_said() -> bool:
        return (
            " ".join(data["text"].strip() for data in peer.data("bot-output") if data.get("spoken")).count(text)
            >= turns
        )

    peer.wait_until(is_said, f"{text!r} to be heard")


def context(llm: LlmServer, peer: Peer) -> list[str]:
    """What the model is told the bot has said, when it is asked next."""
    count = len(llm.requests)
    peer.say("And?")
    llm.wait_for_requests(count + 1)
    return [message["content"] for message in llm.requests[-1]["messages"] if message["role"] == "assistant"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Refuse(401), "authentication"), (Refuse(429), "rate_limit"), (Stall(), "stall"), (Break(), "connectivity")],
)
def test_the_sentence_that_failed_and_those_after_it_are_said_by_the_next_voice(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer], fault: Scripted, kind: str
) -> None:
    first, second = speak(A, failing("Two", fault)), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second))
        assert second.requests == []
        peer.say("Tell me")
        wait_said(peer, "Three comes third.")
        peer.wait_for_message("bot-stopped-speaking")
        assert context(llm, peer) == [ANSWER]

    assert told(peer) == [("tts", kind, "switched")]
    assert first.said[:2] == SENTENCES[:2]
    assert second.said[:2] == SENTENCES[1:]
    assert [level for level, _ in heard(peer)][:2] == [A, B]


def test_a_voice_that_breaks_in_mid_sentence_is_followed_by_the_whole_sentence(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    first, second = speak(A, failing("Two", Break("Two comes"))), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second))
        peer.say("Tell me")
        wait_said(peer, "Three comes third.")
        peer.wait_for_message("bot-stopped-speaking")
        assert context(llm, peer) == [ANSWER]

    (a, a_ms), (b, b_ms) = heard(peer)[:2]
    assert (a, b) == (A, B)
    assert a_ms >= 300, "what was spoken before the voice broke stays heard"
    assert b_ms >= 580
    assert told(peer) == [("tts", "connectivity", "switched")]


def test_a_greeting_whose_voice_fails_is_said_by_the_next(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    first, second = speak(A, failing("", Refuse(403))), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second, greeting="Welcome to us."))
        wait_said(peer, "Welcome to us.")
        assert context(llm, peer) == ["Welcome to us."]

    assert first.said == ["Welcome to us."]
    assert told(peer) == [("tts", "authorization", "switched")]


def test_the_only_voice_is_tried_once_more(llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]) -> None:
    voice = speak(A, failing("Two", Refuse(500), times=1))
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, voice))
        peer.say("Tell me")
        wait_said(peer, "Three comes third.")
        peer.wait_for_message("bot-stopped-speaking")
        said = list(voice.said)
        assert context(llm, peer) == [ANSWER]

    assert said.count(SENTENCES[0]) == 1
    assert said.count(SENTENCES[1]) == 2
    assert told(peer) == [("tts", "server", "retried")]


def test_with_no_voice_left_the_caller_hears_a_tone_and_after_some_the_call_goes_to_another_runner(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    first, second = speak(A, failing("", Refuse(401))), speak(B, failing("", Refuse(401)))
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second, failure={"give_up_after": 2}))
        peer.say("Tell me")
        peer.wait_until(lambda: peer.heard_ms() >= 500, "the tone")
        assert context(llm, peer) == []
        closed = peer.wait_closed()

    assert [level for level, _ in heard(peer)] == [0]
    assert told(peer) == [
        ("tts", "authentication", "switched"),
        ("tts", "authentication", "none"),
        ("tts", "authentication", "ended"),
    ]
    ending = peer.data("server-message")[-1]["d"]
    assert ending["reason"] == "runner_lost"
    assert closed.code == 1000
    runner.wait_idle()


def test_hang_up_waits_for_a_goodbye_that_another_voice_has_to_say(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    first, second = speak(A, failing("Bye", Stall())), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second), tools=[HANG_UP])
        peer.say("bye")
        closed = peer.wait_closed()

    assert heard(peer) == [(B, 300)]
    assert closed.code == 1000
    runner.wait_idle()


def test_a_caller_who_interrupts_while_the_voice_is_replaced_is_answered_by_the_new_one(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    first, second = speak(A, failing("One", Stall())), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second))
        peer.say("Tell me")
        first.wait_for_requests(1)
        peer.say("No, this")
        wait_said(peer, "Three comes third.")

    assert [level for level, _ in heard(peer)] == [B]
    assert second.said == SENTENCES


def test_model_and_voice_that_fail_at_once_still_give_one_answer(
    runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    def broken(_: dict[str, Any]) -> Scripted:
        return script.pop(0)

    script: list[Scripted] = [Refuse(503), Say("I am here."), Say("Yes.")]
    first, second = speak(A, failing("", Refuse(503))), speak(B)
    with LlmServer(broken) as model, Peer() as peer:
        assert isinstance(model, LlmServer)
        runner.start(peer, agent=agent(model, first, second))
        peer.say("Hello")
        wait_said(peer, "I am here.")
        assert context(model, peer) == ["I am here."]

    assert told(peer) == [("llm", "server", "retried"), ("tts", "server", "switched")]
    assert second.said[0] == "I am here."


def test_an_answer_that_breaks_before_it_was_spoken_is_asked_for_again_and_heard_once(
    runner: Runner, speak: Callable[..., SpeechServer]
) -> None:
    script: list[Scripted] = [Break("I think"), Say("I know it."), Say("Yes.")]
    with LlmServer(lambda _: script.pop(0)) as model, Peer() as peer:
        assert isinstance(model, LlmServer)
        voice = speak(A)
        runner.start(peer, agent=agent(model, voice))
        peer.say("Hello")
        wait_said(peer, "I know it.")
        assert context(model, peer) == ["I know it."]

    assert voice.said[0] == "I know it."
    assert told(peer) == [("llm", "connectivity", "retried")]


def test_a_caller_may_interrupt_an_apology(runner: Runner, speak: Callable[..., SpeechServer]) -> None:
    script: list[Scripted] = [Refuse(401), Say("Never asked.")]
    sentence = "I am very sorry that this takes so long and I do not know what to say about it all."
    with LlmServer(lambda _: script[0]) as model, Peer() as peer:
        assert isinstance(model, LlmServer)
        failure = {"sentence": sentence, "retries": 0, "give_up_after": 2, "goodbye": "Bye."}
        runner.start(peer, agent=agent(model, speak(A), failure=failure))
        peer.say("Hello")
        peer.wait_until(lambda: peer.heard_ms() >= 300, "the apology")
        peer.say("What?")
        peer.wait_closed()

    assert heard(peer)[-1][0] == A
    assert peer.heard_ms() < 100 * len(sentence.split()), "the apology was cut short"
    assert [action for _, _, action in told(peer)] == ["apologised", "ended"]
    runner.wait_idle()


def test_the_first_voice_speaks_again_after_a_while(
    llm: LlmServer, runner: Runner, speak: Callable[..., SpeechServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipecat_runner._parts.care._PARDON_SECS", 0.01)
    first, second = speak(A, failing("One", Refuse(503), times=1)), speak(B)
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, first, second))
        peer.say("Tell me")
        wait_said(peer, "Three comes third.")
        peer.wait_for_message("bot-stopped-speaking")
        peer.say("Tell me again")
        wait_said(peer, "Three comes third.", 2)

    assert [level for level, _ in heard(peer)] == [B, A]


@pytest.mark.parametrize("kind", [BreakingTimed, BreakingTextFirst])
def test_voices_of_every_kind_are_followed_from_the_sentence_that_broke_off(
    llm: LlmServer,
    runner: Runner,
    speak: Callable[..., SpeechServer],
    monkeypatch: pytest.MonkeyPatch,
    kind: type[SentenceVoice],
) -> None:
    breaking: Provider[TtsConfig, Voice] = Provider(lambda *_: Voice(kind(), RATE))
    monkeypatch.setitem(cast(dict[str, Any], VOICES), "breaking", breaking)
    second = speak(B)
    with Peer() as peer:
        voice = {"type": "breaking", "fallback": [tts(second)]}
        runner.start(peer, agent={**agent(llm, second), "tts": voice})
        peer.say("Tell me")
        wait_said(peer, "Three comes third.")
        peer.wait_for_message("bot-stopped-speaking")
        stood_in = list(second.said)
        spoken = context(llm, peer)

    assert stood_in in (SENTENCES, SENTENCES[1:])
    assert " ".join(spoken).count("Three comes third.") == 1
    assert " ".join(spoken).startswith("One comes first. ")
