"""A recogniser that cannot be reached keeps no call from beginning or ending, and leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.providers.ears import CASES, RATE, agent, errors
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say

pytestmark = pytest.mark.filterwarnings("ignore:.*websockets.*:DeprecationWarning")

STREAMED = [name for name in CASES if name not in ("openai", "openai_whisper", "elevenlabs files")]


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(lambda _: Say("Yes.")) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Where connections are accepted and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed_address() -> str:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def _url(name: str, address: str) -> str:
    return f"{'http' if name == 'google' else 'ws'}://{address}"


@pytest.mark.parametrize("name", STREAMED)
def test_a_call_begins_and_ends_beside_a_provider_that_does_not_answer(
    llm: LlmServer, silent_address: str, name: str
) -> None:
    with Runner() as runner:
        with Peer() as peer:
            stt = CASES[name].config(_url(name, silent_address))
            runner.start(peer, agent=agent(llm, stt, greeting="Welcome."), audio={"in_rate": RATE})
            peer.wait_for_message("bot-llm-text", text="Welcome.")
            peer.send_audio(bytes(320), RATE)
            runner.stop()
            peer.wait_closed()
            # Whoever had waited for the dial would know that it came to nothing.
            assert errors(peer) == []
        runner.wait_idle()
    assert runner.left_over == []


@pytest.mark.parametrize("name", STREAMED)
def test_a_call_that_ends_while_its_recogniser_dials_leaves_nothing(
    llm: LlmServer, closed_address: str, name: str
) -> None:
    with Runner() as runner:
        with Peer() as peer:
            stt = CASES[name].config(_url(name, closed_address))
            runner.start(peer, agent=agent(llm, stt), audio={"in_rate": RATE})
            for _ in range(20):
                peer.send_audio(bytes(320), RATE)
            peer.close()
        runner.wait_idle()
    assert runner.left_over == []
