"""Each recogniser fails in each way its provider can, and the caller is helped: by another, by a new try, by words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from websockets import ConnectionClosed

from tests.providers.ears import CASES, RATE, agent, errors, proving, said, sentence, talk
from tests.providers.servers.hearing import UNDERSTOOD, Plan
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say

pytestmark = pytest.mark.filterwarnings("ignore:.*websockets.*:DeprecationWarning")

ANSWER = f"You said {UNDERSTOOD}"
UNHEARD = "Pardon me, please repeat that."
GOODBYE = "Please call again later."
# Longer than a healthy server needs, shorter than a test should take.
STALL_SECS = 1.2
FAILURE = {"unheard": UNHEARD, "goodbye": GOODBYE, "give_up_after": 2}


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(lambda message: Say(f"You said {message['content']}")) as server:
        assert isinstance(server, LlmServer)
        yield server


def speak_until(peer: Peer, *wanted: str) -> str:
    """Say the sentence, and answer what was heard of what is wanted."""
    before = len(said(peer))
    # The bot may end the call before the caller has finished.
    with contextlib.suppress(ConnectionClosed):
        talk(peer, sentence(), silence_secs=0.6)

    def heard() -> str | None:
        return next((text for text in wanted if text in said(peer)[before:]), None)

    found = peer.wait_until(heard, f"one of {wanted}", 10)
    assert found is not None
    return found


def is_told(peer: Peer, provider: str, kind: str) -> bool:
    """Whether the daemon knows of a failure."""
    return any((e["part"], e["provider"], e["kind"]) == ("stt", provider, kind) for e in errors(peer))


def _config(name: str, url: str, **more: Any) -> dict[str, Any]:
    return CASES[name].config(url, stall_secs=STALL_SECS, **more)


@pytest.mark.parametrize("name", proving("bad key"))
def test_with_a_wrong_key_another_recogniser_takes_over(llm: LlmServer, name: str) -> None:
    other = "cartesia" if name.startswith("deepgram") else "deepgram"
    plan = Plan("bad key")
    with CASES[name].server(plan) as server, CASES[other].server(Plan()) as healthy, Runner() as runner:
        with Peer() as peer:
            stt = _config(name, server.url, fallback=[_config(other, healthy.url)])
            runner.start(peer, agent=agent(llm, stt, failure=FAILURE), audio={"in_rate": RATE})
            if speak_until(peer, ANSWER, UNHEARD) == UNHEARD:
                speak_until(peer, ANSWER)
            assert is_told(peer, CASES[name].stt["type"], "authentication")
            assert any(e["action"] == "switched" and e["to"] == CASES[other].stt["type"] for e in errors(peer))
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.parametrize("name", proving("limit"))
def test_a_provider_that_is_busy_for_ever_ends_in_an_apology_and_a_goodbye(llm: LlmServer, name: str) -> None:
    with CASES[name].server(Plan("limit")) as server, Runner() as runner:
        with Peer() as peer:
            stt = _config(name, server.url)
            runner.start(peer, agent=agent(llm, stt, failure=FAILURE), audio={"in_rate": RATE})
            if speak_until(peer, UNHEARD, GOODBYE) == UNHEARD:
                speak_until(peer, GOODBYE)
            assert is_told(peer, CASES[name].stt["type"], "rate_limit")
            assert peer.wait_closed().code == 1000
        runner.wait_idle()
        # Microsoft's SDK asks five times before it says so.
        assert len(server.asked) <= 5 * 3, "it is not to be flooded"
    assert runner.left_over == []


@pytest.mark.parametrize("name", proving("stall"))
def test_a_provider_that_listens_and_says_nothing_is_noticed(llm: LlmServer, name: str) -> None:
    with CASES[name].server(Plan("stall")) as server, Runner() as runner:
        with Peer() as peer:
            stt = _config(name, server.url)
            runner.start(peer, agent=agent(llm, stt, failure=FAILURE), audio={"in_rate": RATE})
            speak_until(peer, UNHEARD)
            assert is_told(peer, CASES[name].stt["type"], "stall")
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.parametrize("name", proving("drop"))
def test_a_connection_that_breaks_is_dialled_anew(llm: LlmServer, name: str) -> None:
    with CASES[name].server(Plan("drop", connections=1)) as server, Runner() as runner:
        with Peer() as peer:
            stt = _config(name, server.url)
            runner.start(peer, agent=agent(llm, stt, failure=FAILURE), audio={"in_rate": RATE})
            speak_until(peer, "You said", UNHEARD)
            if ANSWER not in said(peer):
                speak_until(peer, ANSWER)
            # Microsoft's SDK dials again by itself and tells nobody.
            assert name == "azure" or is_told(peer, CASES[name].stt["type"], "connectivity")
            assert len(server.asked) >= 2
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.parametrize("name", proving("garbage"))
def test_an_answer_that_is_none_is_told_and_the_next_sentence_understood(llm: LlmServer, name: str) -> None:
    with CASES[name].server(Plan("garbage", connections=1)) as server, Runner() as runner:
        with Peer() as peer:
            stt = _config(name, server.url)
            runner.start(peer, agent=agent(llm, stt, failure=FAILURE), audio={"in_rate": RATE})
            # What flux has heard of a turn is kept when the turn is cut short.
            speak_until(peer, "You said", UNHEARD)
            if ANSWER not in said(peer):
                speak_until(peer, ANSWER)
            # Microsoft's SDK overlooks what it cannot read.
            assert is_told(peer, CASES[name].stt["type"], "stall" if name == "azure" else "malformed")
        runner.wait_idle()
    assert runner.left_over == []
