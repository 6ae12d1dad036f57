"""What becomes of what the caller says when a recogniser fails: the next hears it, or the caller is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.ears import CASES, RATE, errors, said, sentence, talk
from tests.providers.servers.hearing import UNDERSTOOD, Plan
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say

pytestmark = pytest.mark.filterwarnings("ignore:.*websockets.*:DeprecationWarning")

UNHEARD = "Pardon me, please repeat that."
GOODBYE = "Please call again later."
ANSWER = f"You said {UNDERSTOOD}"


@pytest.fixture(scope="module")
def llm() -> Iterator[LlmServer]:
    with LlmServer(lambda message: Say(f"You said {message['content']}")) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.fixture(scope="module")
def running() -> Iterator[Runner]:
    with Runner() as made:
        yield made
    assert made.left_over == []


@pytest.fixture
def runner(running: Runner) -> Iterator[Runner]:
    yield running
    running.wait_idle()


def ears(name: str, url: str, **more: Any) -> dict[str, Any]:
    return CASES[name].config(url, stall_secs=1.0, **more)


def agent(llm: LlmServer, stt: dict[str, Any], give_up_after: int = 3) -> dict[str, Any]:
    return {
        "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url},
        "stt": stt,
        "turn": {"stop": "silence", "silence_secs": 0.2},
        "failure": {"unheard": UNHEARD, "goodbye": GOODBYE, "give_up_after": give_up_after},
    }


def told(peer: Peer) -> list[tuple[str, str, str]]:
    return [(e["part"], e["kind"], e["action"]) for e in errors(peer)]


@pytest.mark.parametrize(("first", "second"), [("deepgram", "cartesia"), ("openai", "elevenlabs files")])
def test_what_was_said_to_a_recogniser_that_says_nothing_is_understood_by_the_next(
    llm: LlmServer, runner: Runner, first: str, second: str
) -> None:
    with CASES[first].server(Plan("stall")) as deaf, CASES[second].server(Plan()) as healthy, Peer() as peer:
        stt = ears(first, deaf.url, fallback=[ears(second, healthy.url)])
        runner.start(peer, agent=agent(llm, stt), audio={"in_rate": RATE})
        talk(peer, sentence(), silence_secs=3.0)
        peer.wait_until(lambda: ANSWER in said(peer), "the answer")

    assert said(peer).count("You said") == 1
    assert ("stt", "stall", "switched") in told(peer)
    assert all(action != "apologised" for _, _, action in told(peer))


def test_a_recogniser_whose_key_is_refused_is_replaced_before_anything_is_said(llm: LlmServer, runner: Runner) -> None:
    with CASES["deepgram"].server(Plan("bad key")) as refusing, CASES["cartesia"].server(Plan()) as healthy:
        with Peer() as peer:
            stt = ears("deepgram", refusing.url, fallback=[ears("cartesia", healthy.url)])
            runner.start(peer, agent=agent(llm, stt), audio={"in_rate": RATE})
            peer.wait_until(lambda: told(peer), "the platform to be told")
            talk(peer, sentence())
            peer.wait_until(lambda: ANSWER in said(peer), "the answer")

        assert told(peer) == [("stt", "authentication", "switched")]


def test_with_no_other_recogniser_the_caller_is_asked_again_and_the_call_ends_in_order(
    llm: LlmServer, runner: Runner
) -> None:
    with CASES["deepgram"].server(Plan("stall")) as deaf, Peer() as peer:
        runner.start(peer, agent=agent(llm, ears("deepgram", deaf.url), give_up_after=2), audio={"in_rate": RATE})
        talk(peer, sentence())
        peer.wait_until(lambda: UNHEARD in said(peer), "the caller to be asked")
        talk(peer, sentence())
        closed = peer.wait_closed()

    assert said(peer) == f"{UNHEARD}{GOODBYE}"
    assert closed.code == 1000
    assert [entry for entry in told(peer) if entry[2] not in ("none", "retried")] == [
        ("stt", "stall", "apologised"),
        ("stt", "stall", "ended"),
    ]
