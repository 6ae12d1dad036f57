"""Keys as what the caller said, and a caller who says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pipecat_runner._agent import IdleConfig
from tests.support.caller import TalkingBot
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import CallTool, LlmServer, Say, ToolServer
from tests.support.words import SHORT, STORY, SentenceVoice, words_heard


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


def script(message: dict[str, Any]) -> Say | CallTool:
    content = str(message.get("content"))
    if message["role"] == "tool":
        return Say("It is done.")
    return CallTool({"slow": {}}) if "slow" in content else Say(f"You said {content}.")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(script) as server:
        assert isinstance(server, LlmServer)
        yield server


def agent(llm: LlmServer, **more: Any) -> dict[str, Any]:
    return {"bot": "assistant", "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url}, **more}


def said(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text"))


def press(peer: Peer, keys: str) -> None:
    peer.send_message("dtmf", {"buttons": list(keys)})


# -- keys in text


@pytest.mark.parametrize(
    ("keys", "said_as"), [("12#", "12"), ("0", "0"), ("#", "#"), ("1*2", "1*2"), ("1" * 64, "1" * 64)]
)
def test_keys_are_a_turn_of_their_own(llm: LlmServer, runner: Runner, keys: str, said_as: str) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, dtmf={"timeout_secs": 0.3, "prefix": "Keys: "}))
        press(peer, keys)
        peer.wait_until(lambda: f"You said Keys: {said_as}." in said(peer), "the answer")

    assert len(llm.requests) == 1


def test_keys_pressed_one_by_one_are_one_number(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, dtmf={"timeout_secs": 5, "terminator": "*"}))
        for key in "49*":
            press(peer, key)
        peer.wait_until(lambda: "You said DTMF: 49." in said(peer), "the answer")


def test_keys_mean_nothing_where_they_are_not_wanted(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, dtmf={"enabled": False}))
        press(peer, "12#")
        peer.say("Hello")
        peer.wait_until(lambda: "You said Hello." in said(peer), "the answer")

    assert [m["content"] for m in llm.requests[-1]["messages"]] == ["Hello"]


# -- keys in a spoken call

Start = Callable[..., tuple[Peer, TalkingBot]]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def start(
            idle: dict[str, Any] | None = None, question: str = "a story", **turn: Any
        ) -> tuple[Peer, TalkingBot]:
            bots: list[TalkingBot] = []

            def build(_: object) -> TalkingBot:
                bots.append(TalkingBot(SentenceVoice(), IdleConfig(**idle) if idle else None, **turn))
                return bots[-1]

            peer = stack.enter_context(Peer())
            stack.enter_context(Runner(build)).start(peer)
            peer.say(question)
            peer.wait_until(lambda: peer.heard_ms() >= 500, "the bot to speak")
            return peer, bots[0]

        yield start


def test_a_key_interrupts_like_a_voice_before_the_number_is_complete(start: Start) -> None:
    peer, bot = start(barge_in="voice", resume_after_backchannel=True)
    markers = peer.markers
    press(peer, "1")
    peer.wait_until(lambda: peer.markers > markers, "the interruption")
    press(peer, "2#")
    peer.wait_until(lambda: len(bot.spoken()) == 2, "the answer")

    assert words_heard(peer.heard[: peer.flushes[-1].heard_frames], STORY) < len(STORY.split())
    assert bot.conversation()[2:] == [("user", "DTMF: 12"), ("assistant", SHORT)]


def test_where_nothing_interrupts_keys_are_answered_afterwards(start: Start) -> None:
    peer, bot = start(barge_in="off")
    press(peer, "12#")
    peer.wait_until(lambda: len(bot.spoken()) == 2, "the answer")

    assert words_heard(peer.heard, STORY) == len(STORY.split())
    assert bot.conversation()[1:] == [("assistant", STORY), ("user", "DTMF: 12"), ("assistant", SHORT)]


def test_keys_join_what_the_caller_is_saying(start: Start) -> None:
    peer, bot = start(question="hello")
    peer.wait_for_message("bot-stopped-speaking")
    bot.caller.starts()
    press(peer, "12#")
    peer.wait_for_message("user-transcription", text="DTMF: 12", final=True)
    bot.caller.stops()
    bot.caller.is_understood("is my number")
    peer.wait_until(lambda: len(bot.spoken()) == 2, "the answer")

    assert bot.conversation()[2:] == [("user", "DTMF: 12 is my number"), ("assistant", SHORT)]


# -- idle


def contents(bot: TalkingBot) -> list[str]:
    return [content for _, content in bot.conversation()]


def test_a_silent_caller_is_reminded_bidden_goodbye_and_the_call_ends_when_that_was_heard(start: Start) -> None:
    idle = {"after_secs": 0.4, "reminders": ["Still there?", "Hello?"], "goodbye": "Goodbye then."}
    peer, bot = start(idle, "hello")
    closed = peer.wait_closed()

    assert contents(bot) == ["hello", SHORT, "Still there?", "Hello?", "Goodbye then."]
    assert closed.code == 1000
    assert peer.data("server-message")[-1]["d"]["reason"] == "idle"
    assert len(peer.received) == sum(len(frame) for frame in peer.heard if frame), "something was not heard"


def test_a_caller_who_speaks_begins_the_reminders_anew_even_during_the_goodbye(start: Start) -> None:
    idle = {"after_secs": 0.4, "reminders": ["Still there?"], "goodbye": "Goodbye then, my friend, goodbye."}
    peer, bot = start(idle, "hello")
    before = peer.wait_until(lambda: len(peer.data("bot-started-speaking")) == 3 and peer.heard_ms(), "the goodbye")
    peer.wait_until(lambda: peer.heard_ms() >= before + 300, "some of the goodbye")
    bot.caller.says("I am here.")
    peer.wait_closed()

    goodbye = contents(bot)[3]
    assert "Goodbye then, my friend, goodbye.".startswith(goodbye)
    assert len(goodbye) < 30
    assert contents(bot)[4:] == ["I am here.", SHORT, "Still there?", "Goodbye then, my friend, goodbye."]


def test_a_noise_does_not_begin_the_reminders_anew(start: Start) -> None:
    idle = {"after_secs": 0.6, "reminders": ["Still there?"], "goodbye": "Goodbye."}
    peer, bot = start(idle, "hello", stop_timeout_secs=0.3)
    peer.wait_until(lambda: len(peer.data("bot-stopped-speaking")) == 2, "the reminder")
    bot.caller.starts()
    bot.caller.stops()
    peer.wait_closed()

    assert contents(bot).count("Still there?") == 1


def test_without_a_goodbye_the_call_stays(start: Start) -> None:
    peer, bot = start({"after_secs": 0.3, "reminders": ["Still there?"]}, "hello")
    peer.wait_until(lambda: len(bot.spoken()) == 2, "the reminder")
    bot.caller.says("Yes.")
    peer.wait_until(lambda: len(bot.spoken()) == 4, "an answer and another reminder")

    assert contents(bot)[-1] == "Still there?"


def test_nobody_is_idle_while_a_tool_runs(llm: LlmServer, runner: Runner) -> None:
    idle = {"after_secs": 0.3, "reminders": ["Still there?"], "goodbye": "Goodbye."}
    tool = {"name": "slow", "description": "Slow.", "parameters": {}, "on_interruption": "cancel"}

    with Peer() as peer:

        def respond(_: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            before = len(peer.heard)
            peer.wait_until(lambda: len(peer.heard) >= before + 50, "one second")
            return 200, {"result": "success", "data": {}}

        with ToolServer(respond) as tools:
            given = agent(llm, idle=idle, waiting={"after_secs": 0})
            runner.start(peer, agent=given, tools=[tool], link={"tools_url": tools.url})
            peer.say("slow")
            peer.wait_closed()

    assert said(peer).replace(" ", "") == "Itisdone.Stillthere?Goodbye."
    assert peer.data("server-message")[-1]["d"]["reason"] == "idle"


def test_a_caller_who_is_to_begin_and_does_not_is_idle_too(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, idle={"after_secs": 0.2, "reminders": [], "goodbye": "Goodbye."}))
        peer.wait_closed()

    assert peer.data("server-message")[-1]["d"]["reason"] == "idle"
