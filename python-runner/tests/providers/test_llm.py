"""Language models: pipecat's own service of each provider against a server that speaks that provider's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipecat_runner._providers.llm import PARAMETERS, PROVIDERS
from tests.providers.ears import errors
from tests.providers.llms import KEY, VENDORS, aws_account, llm
from tests.providers.proof import proving
from tests.providers.servers.streaming import Call
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import ToolServer

__all__ = ["aws_account"]

SETTINGS = {
    "temperature": 0.5,
    "max_tokens": 50,
    "top_p": 0.9,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "seed": 7,
}
TOOL = {
    "name": "balance",
    "description": "The balance.",
    "parameters": {"type": "object", "properties": {"account": {"type": "string"}}},
}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running
    assert running.left_over == []


def written(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text"))


@pytest.mark.parametrize("name", proving("llm", "turn", VENDORS))
def test_a_turn_with_a_tool_goes_both_ways(runner: Runner, name: str) -> None:
    vendor = VENDORS[name]

    def balance(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"tool_call_id": call["id"], "result": "success", "data": {"euro": 12}}

    with vendor.server() as server, ToolServer(balance) as tools, Peer() as peer:
        server.answers = [Call("balance", {"account": "1"}), "You have twelve euros."]
        runner.start(
            peer,
            name,
            agent={"prompt": "Be brief.", "llm": llm(name, server)},
            tools=[TOOL],
            link={"tools_url": tools.url},
        )
        peer.say("What have I got?")
        peer.wait_until(lambda: "twelve euros." in written(peer), "the answer")
        runner.stop(name)
        server.wait_until_left()

    assert [call["function"] for call in tools.requests] == [{"name": "balance", "arguments": '{"account": "1"}'}]
    assert [request.path for request in server.requests] == [vendor.path] * 2
    assert {vendor.key_of(request) for request in server.requests} == {KEY}
    first, second = (str(request.body) for request in server.requests)
    assert "Be brief." in first
    assert "What have I got?" in first
    assert "euro" in second, "the model was not told what the tool said"


@pytest.mark.parametrize("name", VENDORS)
def test_every_parameter_the_provider_takes_is_in_the_request(runner: Runner, name: str) -> None:
    vendor = VENDORS[name]
    taken = {setting: value for setting, value in SETTINGS.items() if setting not in PROVIDERS[name].left_out}
    with vendor.server() as server, Peer() as peer:
        runner.start(peer, name, agent={"llm": llm(name, server, **taken)})
        peer.say("Hello")
        peer.wait_until(lambda: "I am listening." in written(peer), "the answer")
        runner.stop(name)

    assert vendor.parameters(server.requests[0].body) == vendor.wire


@pytest.mark.parametrize(
    ("name", "setting"), [(name, setting) for name, entry in PROVIDERS.items() for setting in entry.left_out]
)
def test_a_parameter_the_provider_cannot_take_is_refused_with_the_reason(
    runner: Runner, name: str, setting: str
) -> None:
    section = {"type": name, "api_key": KEY, "base_url": "http://127.0.0.1:9", setting: SETTINGS[setting]}
    with Peer() as peer:
        answer = runner.run(peer, agent={"llm": section})

    assert answer.status_code == 400
    assert f"agent.llm.{setting}: leave it out, {name} does not take it" in answer.json()["detail"]


def test_every_provider_has_a_server_and_every_parameter_is_in_the_schema() -> None:
    assert VENDORS.keys() == {name for name, entry in PROVIDERS.items() if not entry.speech_to_speech}
    assert SETTINGS.keys() == set(PARAMETERS)


# What the daemon is told.
KINDS = {
    "bad key": {"authentication"},
    "limit": {"rate_limit"},
    "stall": {"stall"},
    "drop": {"connectivity"},
    "garbage": {"malformed"},
}


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        pytest.param(name, scenario, id=f"{name}-{scenario}", marks=pytest.mark.proves("llm", name, scenario))
        for name in VENDORS
        for scenario in KINDS
    ],
)
def test_a_failure_is_told_and_the_caller_gets_an_answer_or_a_sentence(
    runner: Runner, name: str, scenario: str
) -> None:
    with VENDORS[name].server() as server, Peer() as peer:
        server.fails, server.failures = scenario, None if scenario == "bad key" else 1
        patience = {"stall_secs": 0.5} if scenario == "stall" else {}
        runner.start(peer, name, agent={"llm": llm(name, server, **patience), "failure": {"sentence": "Sorry."}})
        peer.say("Hello")
        peer.wait_until(lambda: errors(peer), "the failure to be told")
        action = errors(peer)[0]["action"]
        expected = "Sorry." if action == "apologised" else "I am listening."
        peer.wait_until(lambda: expected in written(peer), f"{expected} after {errors(peer)}")
        runner.stop(name)

    first = errors(peer)[0]
    assert (first["part"], first["provider"]) == ("llm", name)
    assert first["kind"] in KINDS[scenario], first
    # What is written already cannot be taken back: such an answer is not asked for again.
    actions = {"bad key": ("apologised",), "drop": ("retried", "apologised")}
    assert first["action"] in actions.get(scenario, ("retried",))
    assert KEY not in str(peer.messages), "a key got out"
    assert "Hello" not in str(errors(peer)), "what was said got out"
