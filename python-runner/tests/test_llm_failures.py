"""What the caller hears when a language model fails: one answer, of whoever can give it, or a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from loguru import logger

from pipecat_runner._logs import without_quotes
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import Break, CallTool, Garble, LlmServer, Refuse, Say, Scripted, Stall, ToolServer

KEY = "sk-secret-0123456789abcdef"
SENTENCE = "Something went wrong."
GOODBYE = "Please call again later."
FAILURE = {"sentence": SENTENCE, "goodbye": GOODBYE, "retries": 1, "give_up_after": 3}


class Script:
    """Answers with the next of these, the last one again and again."""

    def __init__(self, *answers: Scripted) -> None:
        self._answers = list(answers)

    def __call__(self, _: dict[str, Any]) -> Scripted:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def serve() -> Iterator[Callable[..., LlmServer]]:
    with ExitStack() as stack:

        def start(*answers: Scripted) -> LlmServer:
            server = stack.enter_context(LlmServer(Script(*answers)))
            assert isinstance(server, LlmServer)
            return server

        yield start


@pytest.fixture(scope="module")
def running() -> Iterator[Runner]:
    with Runner() as made:
        yield made
    assert made.left_over == []


@pytest.fixture
def runner(running: Runner) -> Iterator[Runner]:
    yield running
    running.wait_idle()


def llm(server: LlmServer, **more: Any) -> dict[str, Any]:
    return {
        "type": "openai_compatible",
        "model": "m",
        "base_url": server.base_url,
        "api_key": KEY,
        "stall_secs": 0.5,
        **more,
    }


def agent(first: LlmServer, *others: LlmServer, **failure: Any) -> dict[str, Any]:
    fallback = [{**llm(other), "type": "openai"} for other in others]
    return {"llm": llm(first, fallback=fallback), "failure": {**FAILURE, **failure}}


def said(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text")).strip()


def says(peer: Peer, text: str, count: int) -> bool:
    return said(peer).count(text) == count


def told(peer: Peer) -> list[tuple[str, str]]:
    return [(d["kind"], d["action"]) for d in errors(peer)]


def errors(peer: Peer) -> list[dict[str, Any]]:
    return [data["d"] for data in peer.data("server-message") if data["t"] == "provider-error"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Refuse(429), "rate_limit"),
        (Refuse(503), "server"),
        (Stall(), "stall"),
        (Break(), "connectivity"),
        (Garble(), "malformed"),
        (Say(""), "malformed"),
    ],
)
def test_an_answer_that_fails_is_asked_for_again_and_heard_once(
    serve: Callable[..., LlmServer], runner: Runner, fault: Scripted, kind: str
) -> None:
    server = serve(fault, Say("Here I am."))
    with Peer() as peer:
        runner.start(peer, agent=agent(server))
        peer.say("Hello")
        peer.wait_until(lambda: "Here I am." in said(peer), "the answer")
        peer.wait_for_message("bot-llm-stopped")

    assert said(peer) == "Here I am."
    assert told(peer) == [(kind, "retried")]
    assert errors(peer)[0]["provider"] == "openai_compatible"
    assert len(peer.data("bot-llm-started")) == 1, "an attempt that came to nothing is nobody's business"


def test_a_key_that_is_refused_is_not_tried_twice_and_the_next_model_answers(
    serve: Callable[..., LlmServer], runner: Runner
) -> None:
    first, second = serve(Refuse(401)), serve(Say("I stand in."))
    with Peer() as peer:
        runner.start(peer, agent=agent(first, second))
        assert second.requests == []
        for count, turn in enumerate(("Hello", "Again"), 1):
            peer.say(turn)
            peer.wait_until(partial(says, peer, "I stand in.", count), "the answer")

    assert len(first.requests) == 1
    assert told(peer) == [("authentication", "switched")]
    assert errors(peer)[0]["to"] == "openai"
    context = [(message["role"], message["content"]) for message in second.requests[1]["messages"]]
    assert context == [("user", "Hello"), ("assistant", "I stand in."), ("user", "Again")]


def test_when_nobody_is_left_the_caller_is_told_and_may_say_it_again(
    serve: Callable[..., LlmServer], runner: Runner
) -> None:
    server = serve(Stall(), Stall(), Say("Now it works."))
    with Peer() as peer:
        runner.start(peer, agent=agent(server))
        peer.say("Hello")
        peer.wait_until(lambda: SENTENCE in said(peer), "the sentence")
        peer.say("Hello?")
        peer.wait_until(lambda: "Now it works." in said(peer), "the answer")

    assert said(peer) == f"{SENTENCE}Now it works."
    assert told(peer) == [("stall", "retried"), ("stall", "apologised")]
    context = [(message["role"], message["content"]) for message in server.requests[2]["messages"]]
    assert context == [("user", "Hello"), ("assistant", SENTENCE), ("user", "Hello?")]


@pytest.mark.parametrize("fault", [Break("I think that"), Stall("I think that"), Garble("I think that")])
def test_what_was_written_before_an_answer_broke_stays_and_the_caller_is_told(
    serve: Callable[..., LlmServer], runner: Runner, fault: Scripted
) -> None:
    server = serve(fault, Say("Yes."))
    with Peer() as peer:
        runner.start(peer, agent=agent(server))
        peer.say("Hello")
        peer.wait_until(lambda: SENTENCE in said(peer), "the sentence")
        peer.say("And?")
        peer.wait_until(lambda: "Yes." in said(peer), "the answer")

    context = [(message["role"], message["content"].strip()) for message in server.requests[1]["messages"]]
    assert context == [("user", "Hello"), ("assistant", "I think that"), ("assistant", SENTENCE), ("user", "And?")]


def test_after_too_many_failures_in_a_row_the_call_ends_in_order(
    serve: Callable[..., LlmServer], runner: Runner
) -> None:
    server = serve(Refuse(401))
    with Peer() as peer:
        runner.start(peer, agent=agent(server, give_up_after=2))
        peer.say("Hello")
        peer.wait_until(lambda: SENTENCE in said(peer), "the sentence")
        peer.say("Hello?")
        closed = peer.wait_closed()

    assert said(peer) == f"{SENTENCE}{GOODBYE}"
    assert closed.code == 1000
    ending = peer.data("server-message")[-1]
    assert ending["t"] == "call-ending"
    assert ending["d"]["reason"] == "bot_ended"
    assert "llm openai_compatible failed 2 times" in ending["d"]["message"]
    assert len(server.requests) == 1, "a model that has lost its key is not asked"
    runner.wait_idle()


def test_a_success_makes_failures_forgotten(serve: Callable[..., LlmServer], runner: Runner) -> None:
    server = serve(Refuse(500), Say("Fine."), Refuse(500), Say("Fine."))
    with Peer() as peer:
        runner.start(peer, agent=agent(server, give_up_after=2, retries=0))
        for count in (1, 2):
            peer.say("Hello")
            peer.wait_until(partial(says, peer, SENTENCE, count), "the sentence")
            peer.say("Hello")
            peer.wait_until(partial(says, peer, "Fine.", count), "the answer")


def test_a_tool_runs_once_although_the_model_fails_when_it_hears_the_result(
    serve: Callable[..., LlmServer], runner: Runner
) -> None:
    tool = {"name": "balance", "description": "", "parameters": {"type": "object", "properties": {}}}
    first, second = serve(CallTool({"balance": {}}), Refuse(401)), serve(Say("You have twelve euros."))
    answer = {"result": "success", "message": "", "data": {"euro": 12}}
    with Peer() as peer, ToolServer(lambda call: (200, {"tool_call_id": call["id"], **answer})) as tools:
        runner.start(peer, agent=agent(first, second), tools=[tool], link={"tools_url": tools.url})
        peer.say("My balance?")
        peer.wait_until(lambda: "twelve" in said(peer), "the answer")

    assert len(tools.requests) == 1
    roles = [message["role"] for message in second.requests[0]["messages"]]
    assert roles[-3:] == ["user", "assistant", "tool"]
    assert "12" in second.requests[0]["messages"][-1]["content"]


def test_tools_can_be_called_by_the_model_that_took_over_and_it_can_hang_up(
    serve: Callable[..., LlmServer], runner: Runner
) -> None:
    hang_up = {"name": "hang_up", "description": "", "builtin": "hang_up"}
    first, second = serve(Refuse(403)), serve(CallTool({"": "Goodbye!", "hang_up": {}}))
    with Peer() as peer:
        runner.start(peer, agent=agent(first, second), tools=[hang_up])
        peer.say("Bye")
        closed = peer.wait_closed()

    assert said(peer) == "Goodbye!"
    assert closed.code == 1000
    runner.wait_idle()


def test_a_stand_in_that_could_not_take_over_is_refused_at_once(
    serve: Callable[..., LlmServer], runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with Peer() as peer:
        for fallback, why in (
            ({"type": "nobody"}, "agent.llm.fallback[0].type: unknown provider 'nobody'"),
            ({"type": "grok"}, "agent.llm.fallback[0].api_key: grok needs a key; set XAI_API_KEY"),
        ):
            answer = runner.run(peer, agent={"llm": llm(serve(Say("")), fallback=[fallback])})
            assert answer.status_code == 400
            assert why in answer.json()["detail"]


def test_neither_keys_nor_words_get_into_logs_or_messages(serve: Callable[..., LlmServer], runner: Runner) -> None:
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), level="INFO", format="{message}")
    try:
        with Peer() as peer:
            runner.start(peer, agent=agent(serve(Refuse(401))))
            peer.say("My secret is 4711")
            peer.wait_until(lambda: SENTENCE in said(peer), "the sentence")
    finally:
        logger.remove(sink)

    ours = [line for line in lines if "llm openai_compatible failed" in line]
    assert len(ours) == 1
    for text in [*ours, *map(str, errors(peer))]:
        assert KEY not in text
        assert "4711" not in text
    assert errors(peer)[0]["message"] == "HTTP 401, AuthenticationError"
    assert not any("4711" in without_quotes(line) for line in lines)


def test_the_first_choice_is_asked_again_after_a_while(
    serve: Callable[..., LlmServer], runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipecat_runner._parts.care._PARDON_SECS", 0.01)
    first, second = serve(Refuse(503), Say("I am back.")), serve(Say("I stand in."))
    with Peer() as peer:
        runner.start(peer, agent=agent(first, second, retries=0))
        peer.say("Hello")
        peer.wait_until(lambda: "I stand in." in said(peer), "the stand-in's answer")
        peer.say("Hello")
        peer.wait_until(lambda: "I am back." in said(peer), "the first choice's answer")

    assert len(second.requests) == 1
    assert told(peer) == [("server", "switched")]


def test_a_stand_in_that_fails_too_hands_the_answer_on(serve: Callable[..., LlmServer], runner: Runner) -> None:
    first, second, third = serve(Refuse(401)), serve(Refuse(403)), serve(Say("Third time lucky."))
    with Peer() as peer:
        runner.start(peer, agent=agent(first, second, third))
        peer.say("Hello")
        peer.wait_until(lambda: "Third time lucky." in said(peer), "the answer")

    assert said(peer) == "Third time lucky."
    assert told(peer) == [("authentication", "switched"), ("authorization", "switched")]
