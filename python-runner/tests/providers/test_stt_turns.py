"""A caller says a sentence to each recogniser, over the provider's own protocol, and the model answers it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.ears import CASES, RATE, agent, proving, said, sentence, talk
from tests.providers.servers.hearing import UNDERSTOOD, Plan
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say

# Deepgram's client speaks through websockets' old interface.
pytestmark = pytest.mark.filterwarnings("ignore:.*websockets.*:DeprecationWarning")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(lambda message: Say(f"You said {message['content']}")) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.mark.parametrize("name", proving("turn"))
def test_what_the_caller_says_is_understood_and_answered(llm: LlmServer, name: str) -> None:
    case = CASES[name]
    with case.server(Plan()) as server, Runner() as runner:
        with Peer() as peer:
            runner.start(peer, agent=agent(llm, case.config(server.url)), audio={"in_rate": RATE})
            talk(peer, sentence())
            peer.wait_until(lambda: f"You said {UNDERSTOOD}" in said(peer), "the answer", 5)
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.proves("stt", "whisper", "turn")
def test_whisper_on_this_machine_understands(llm: LlmServer) -> None:
    with Runner(setup_timeout_secs=60) as runner:
        with Peer() as peer:
            runner.start(peer, agent=agent(llm, {"type": "whisper", "language": "en-US"}), audio={"in_rate": RATE})
            talk(peer, sentence())
            peer.wait_until(lambda: "balance" in said(peer), "the answer")
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.parametrize("name", ["deepgram", "openai realtime", "google", "azure"])
def test_a_caller_at_sixteen_kilohertz_is_understood_as_well(llm: LlmServer, name: str) -> None:
    with CASES[name].server(Plan()) as server, Runner() as runner, Peer() as peer:
        runner.start(peer, agent=agent(llm, CASES[name].config(server.url)), audio={"in_rate": 2 * RATE})
        talk(peer, sentence(rate=2 * RATE), rate=2 * RATE)
        peer.wait_until(lambda: f"You said {UNDERSTOOD}" in said(peer), "the answer", 5)


def test_flux_ends_the_callers_turn_itself(llm: LlmServer) -> None:
    case = CASES["deepgram flux"]
    with case.server(Plan()) as server, Runner() as runner, Peer() as peer:
        given = agent(llm, case.config(server.url)) | {"turn": {"stop": "provider"}}
        runner.start(peer, agent=given, audio={"in_rate": RATE})
        talk(peer, sentence())
        peer.wait_until(lambda: f"You said {UNDERSTOOD}" in said(peer), "the answer", 5)


def test_whoever_stands_in_for_flux_must_know_turns_too(llm: LlmServer) -> None:
    with Runner() as runner, Peer() as peer:
        stt = {"type": "deepgram", "model": "flux-general-en", "api_key": "k"}
        other = {"type": "cartesia", "api_key": "k"}
        given = agent(llm, {**stt, "fallback": [stt, other]}) | {"turn": {"stop": "provider"}}
        answer = runner.run(peer, agent=given)

    assert answer.status_code == 400
    assert "agent.stt.fallback[1]: with turn.stop: provider" in answer.text
