"""A history with everything that is found in the wild, as each provider gets it over its wire, judged as it would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.llms import VENDORS, aws_account, llm
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.test_history import HISTORIES, anthropic, bedrock, mistral, openai

__all__ = ["aws_account"]

WILD = [message for history in HISTORIES.values() for message in history]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


def gemini(contents: list[dict[str, Any]]) -> None:
    assert contents, "no contents"
    assert contents[0]["role"] == "user"
    waiting: list[str] = []
    for content in contents:
        answers = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
        assert bool(answers) >= bool(waiting), "a function call that is not followed by its response"
        for name in answers:
            waiting.remove(name)
        waiting += [part["functionCall"]["name"] for part in content["parts"] if "functionCall" in part]
    assert not waiting


def judge(name: str, body: dict[str, Any]) -> None:
    if name == "gemini":
        gemini(body["contents"])
    elif name in ("anthropic", "bedrock"):
        (anthropic if name == "anthropic" else bedrock)(body["messages"])
    else:
        (mistral if name == "mistral" else openai)([m for m in body["messages"] if m["role"] != "system"])
        later = [m["role"] for m in body["messages"]][1:]
        assert "system" not in later
        assert name == "openai" or "developer" not in later or name in ("azure", "grok", "groq")


def written(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text"))


@pytest.mark.parametrize("name", VENDORS)
def test_a_wild_history_arrives_in_a_form_the_provider_takes(runner: Runner, name: str) -> None:
    with VENDORS[name].server() as server, Peer() as peer:
        agent = {"prompt": "Be kind.", "llm": llm(name, server)}
        runner.start(peer, name, agent=agent, llm_messages=WILD)
        peer.say("Hello, it is me.")
        peer.wait_until(lambda: "I am listening." in written(peer), "the answer")
        runner.stop(name)

    judge(name, server.requests[0].body)
    sent = str(server.requests[0].body)
    assert "Hello, it is me." in sent
    assert "u24" in sent
    assert "narrator" not in sent


@pytest.mark.parametrize("name", VENDORS)
def test_a_model_that_is_to_speak_first_is_given_something_to_speak_to(runner: Runner, name: str) -> None:
    with VENDORS[name].server() as server, Peer() as peer:
        agent = {"prompt": "Be kind.", "llm": llm(name, server), "speaks_first": True}
        runner.start(peer, f"{name}-first", agent=agent)
        peer.wait_until(lambda: "I am listening." in written(peer), "the first word")
        runner.stop(f"{name}-first")

    judge(name, server.requests[0].body)
