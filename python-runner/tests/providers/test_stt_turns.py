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
