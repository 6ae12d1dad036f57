"""What the daemon is told of the conversation, and how a call goes on with it in another pipeline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipecat_runner._parts.context import ToldContext
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import CallTool, LlmServer, Say, ToolServer

BALANCE = {"name": "balance", "description": "The balance.", "parameters": {"type": "object", "properties": {}}}


def script(message: dict[str, Any]) -> Say | CallTool:
    content = str(message.get("content"))
    if message["role"] == "tool":
        return Say("You have twelve euros.")
    if "balance" in content:
        return CallTool({"balance": {"account": "1"}})
    return Say("I am listening.")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(script) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


def agent(llm: LlmServer, **more: Any) -> dict[str, Any]:
    return {"bot": "assistant", "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url}, **more}


def told(peer: Peer) -> list[dict[str, Any]]:
    """The conversation, put together from what was told."""
    messages: list[dict[str, Any]] = []
    for data in peer.data("server-message"):
        if data["t"] == "context":
            messages[data["d"]["from"] :] = data["d"]["messages"]
    return messages


def contents(messages: list[dict[str, Any]]) -> list[Any]:
    return [message.get("content") for message in messages]


def test_history_turns_calls_and_results_are_told_as_the_model_has_them(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer, ToolServer(lambda _: (200, {"result": "success", "data": {"euro": 12}})) as tools:
        history = [{"role": "user", "content": "Earlier."}]
        runner.start(
            peer,
            agent=agent(llm, prompt="Be brief.", greeting="Welcome."),
            llm_messages=history,
            tools=[BALANCE],
            link={"tools_url": tools.url},
        )
        peer.wait_until(lambda: contents(told(peer)) == ["Earlier.", "Welcome."], "history and greeting")
        peer.say("my balance")
        peer.wait_until(lambda: contents(told(peer))[-1:] == ["You have twelve euros."], "the answer")
        messages = told(peer)
        froms = [data["d"]["from"] for data in peer.data("server-message") if data["t"] == "context"]

    assert [m["role"] for m in messages] == ["user", "assistant", "user", "assistant", "tool", "assistant"]
    assert json.loads(messages[4]["content"])["data"] == {"euro": 12}
    assert messages[3]["tool_calls"][0]["id"] == messages[4]["tool_call_id"]
    assert froms == sorted(froms), "only what changed is told again"
    assert froms[-1] >= 4


def test_a_resumed_call_answers_the_caller_who_was_left_waiting(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        messages = [{"role": "assistant", "content": "Welcome."}, {"role": "user", "content": "Hello?"}]
        resume = {"attempt": 1, "messages": messages}
        runner.start(peer, agent=agent(llm, greeting="Welcome."), resume=resume)
        peer.wait_until(lambda: contents(told(peer)) == ["Welcome.", "Hello?", "I am listening."], "the answer")

    assert contents(llm.requests[0]["messages"]) == ["Welcome.", "Hello?"]


@pytest.mark.parametrize("sentence", ["Where were we?", ""])
def test_a_resumed_call_in_which_the_bot_spoke_last_waits(llm: LlmServer, runner: Runner, sentence: str) -> None:
    with Peer() as peer:
        messages = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes?"}]
        given = agent(llm, greeting="Welcome.", failure={"resumed": sentence}, speaks_first=True, prompt="Be brief.")
        system = [{"role": "system", "content": "Be kind."}]
        runner.start(peer, agent=given, resume={"messages": messages}, llm_messages=system)
        expected = ["Hello?", "Yes?", *([sentence] if sentence else [])]
        peer.wait_until(lambda: contents(told(peer)) == expected, "the conversation so far")
        peer.say("I am here")
        peer.wait_until(lambda: contents(told(peer))[-1] == "I am listening.", "the answer")

    assert contents(llm.requests[0]["messages"]) == ["Be brief.\n\nBe kind.", *expected, "I am here"]


def test_a_call_lost_before_anything_was_said_begins_anew(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm, greeting="Welcome."), resume={"attempt": 2, "messages": []})
        peer.wait_until(lambda: contents(told(peer)) == ["Welcome."], "the greeting")


class Told(list[dict[str, Any]]):
    """Takes what is told; ``last`` comes with a message numbered ``last_number``."""

    def __init__(self, last_number: int = 0) -> None:
        super().__init__()
        self._last_number = last_number
        self.last = asyncio.Event()

    async def tell(self, kind: str, told: dict[str, Any]) -> None:
        assert kind == "context"
        self.append(told)
        if told["from"] + len(told["messages"]) > self._last_number:
            self.last.set()


async def test_what_is_too_long_is_cut_and_much_is_told_in_portions() -> None:
    long = "ä😀x" * 40_000
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"text": long})}}
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"{i} {long}"} for i in range(40)]
    messages.append({"role": "assistant", "tool_calls": [call]})
    context, sent = ToldContext(messages), Told(len(messages) - 1)
    context.follow(sent)
    async with asyncio.timeout(10):
        await sent.last.wait()
    await context.close()

    sizes = [len(json.dumps(d)) for d in sent]
    assert max(sizes) < 1 << 20
    assert len(sizes) > 1
    assert [d["from"] for d in sent] == [sum(len(d["messages"]) for d in sent[:i]) for i in range(len(sent))]
    for message in (m for d in sent for m in d["messages"]):
        assert len(json.dumps(message)) <= 64 * 1024
        assert message["content"].endswith("[cut: too long to be kept]")
        assert "tool_calls" not in message


async def test_a_replaced_tail_is_told_from_where_it_differs_and_tokens_cost_nothing() -> None:
    context, sent = ToldContext([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]), Told()
    context.member = "sales"
    context.follow(sent)
    await asyncio.sleep(0)
    context.get_messages()
    await asyncio.sleep(0)
    first = context.get_messages()[0]
    context.set_messages([first])
    await asyncio.sleep(0)
    context.add_message({"role": "user", "content": "c"})
    await asyncio.sleep(0)
    await context.close()

    assert [(d["from"], contents(d["messages"])) for d in sent] == [(0, ["a", "b"]), (1, []), (1, ["c"])]
    assert {d["member"] for d in sent} == {"sales"}
