"""``POST /run`` and ``/stop``: what is answered, and what is left behind."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from pipecat_runner import Settings
from pipecat_runner._bots.echo import EchoBot
from pipecat_runner._schema import RunRequest
from tests.support.peer import Peer, PeerOptions
from tests.support.runner import TOKEN, Runner, run_body

LLM = {"type": "openai_compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running
    assert running.left_over == []


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


ECHO: dict[str, Any] = {"agent": {"bot": "echo"}}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"agent": {"bot": "parrot"}}, "unknown bot 'parrot'; known: assistant, echo, tone"),
        ({"agent": {"bot": "assistant"}}, "agent.llm: an assistant needs a language model"),
        ({"agent": {"llm": {"type": "oracle"}}}, "unknown provider 'oracle'; known: anthropic, azure"),
        ({"agent": {"llm": {"type": "openai"}}}, "set OPENAI_API_KEY"),
        ({"agent": {"llm": {"type": "openai", "api_key": ""}}}, "set OPENAI_API_KEY"),
        ({"agent": {"llm": {"type": "openai_compatible", "model": "m"}}}, "agent.llm.base_url"),
        ({"agent": {"llm": LLM, "stt": {"type": "ears"}}}, "agent.stt.type: unknown provider 'ears'; known: "),
        ({"agent": {"llm": LLM, "tts": {"type": "mouth"}}}, "agent.tts.type: unknown provider 'mouth'; known: "),
        ({"agent": {"llm": LLM, "tts": {"type": "piper", "voice": "x"}}}, "known: en_US-joe-medium"),
        ({"agent": {"llm": LLM, "stt": {"type": "whisper", "model": "x"}}}, "known: tiny.en"),
        ({"agent": {"llm": LLM, "stt": {"type": "whisper", "language": "de"}}}, "understands en only"),
        ({"agent": {"llm": LLM}, "tools": [{"name": "a"}]}, "link.tools_url: missing"),
    ],
)
def test_a_bad_configuration_is_400_and_says_what_to_do(
    runner: Runner, peer: Peer, body: dict[str, Any], detail: str
) -> None:
    answer = runner.run(peer, **body)

    assert answer.status_code == 400
    assert detail in answer.json()["detail"]
    assert runner.sessions() == 0
    assert not peer.headers, "the daemon was called for a call that cannot run"


def test_a_missing_extra_names_the_command(runner: Runner, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipecat_runner._providers.table.Provider.is_installed", lambda _: False)

    answer = runner.run(peer, agent={"llm": LLM, "tts": {"type": "piper"}})

    assert answer.status_code == 400
    assert "dev/python-setup.sh offline" in answer.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": "x", "link": {"ws_url": "ws://x"}}])
def test_a_body_that_is_not_a_request_is_422(runner: Runner, body: dict[str, Any]) -> None:
    assert runner.http.post("/run", json=body).status_code == 422


def test_what_is_wrong_with_a_body_is_told_without_what_stands_in_it(runner: Runner, peer: Peer) -> None:
    agent = {"llm": {"type": "openai", "api_key": ["tiger"], "temperature": "hot"}, "prompt": {"secret": "plan"}}
    answer = runner.run(peer, agent=agent)

    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert "agent.llm.temperature: " in detail
    assert "agent.prompt: " in detail
    for value in ("tiger", "hot", "plan"):
        assert value not in answer.text


def test_rates_pipecat_cannot_do_are_422(runner: Runner, peer: Peer) -> None:
    assert runner.run(peer, audio={"in_rate": 11025}).status_code == 422


@pytest.mark.parametrize("status", [401, 404, 409])
def test_a_link_the_daemon_refuses_is_502_with_its_status(runner: Runner, status: int) -> None:
    with Peer(PeerOptions(refuse_with=status)) as peer:
        answer = runner.run(peer, **ECHO)

    assert answer.status_code == 502
    assert f"HTTP {status}" in answer.json()["detail"]
    assert runner.sessions() == 0


def test_a_daemon_that_cannot_be_reached_is_502(runner: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    answer = runner.http.post("/run", json=run_body(f"ws://127.0.0.1:{port}/", **ECHO))

    assert answer.status_code == 502
    assert "cannot be reached" in answer.json()["detail"]


def test_a_daemon_that_does_not_answer_the_upgrade_is_504_or_502_in_bounded_time() -> None:
    with Runner(setup_timeout_secs=0.5) as runner, socket.create_server(("127.0.0.1", 0)) as mute:
        answer = runner.http.post("/run", json=run_body(f"ws://127.0.0.1:{mute.getsockname()[1]}/", **ECHO))

        assert answer.status_code == 504
        assert "0.5 s" in answer.json()["detail"]
        assert runner.sessions() == 0


def test_the_link_carries_the_token_of_the_session(runner: Runner, peer: Peer) -> None:
    runner.start(peer, **ECHO)

    assert peer.headers["authorization"] == f"Bearer {TOKEN}"


def test_the_same_id_twice_is_409_and_the_first_goes_on(runner: Runner, peer: Peer) -> None:
    runner.start(peer, **ECHO)

    assert runner.run(peer, **ECHO).status_code == 409
    assert peer.closed is None
    assert runner.sessions() == 1


def test_a_full_runner_is_503() -> None:
    with Runner(max_sessions=1) as runner, Peer() as first, Peer() as second:
        runner.start(first, "a", **ECHO)
        answer = runner.run(second, "b", **ECHO)

        assert answer.status_code == 503
        assert "RUNNER_MAX_SESSIONS" in answer.json()["detail"]


def test_an_error_of_the_builder_is_500_and_leaves_nothing(peer: Peer) -> None:
    def build(_: RunRequest) -> EchoBot:
        raise OSError("disk on fire")

    with Runner(build) as runner:
        answer = runner.run(peer, **ECHO)

        assert answer.status_code == 500
        assert "OSError" in answer.json()["detail"]
        assert "fire" not in answer.json()["detail"]
        assert runner.sessions() == 0


def test_a_stopped_call_is_closed_with_1000_and_without_a_word(runner: Runner, peer: Peer) -> None:
    runner.start(peer, **ECHO)

    answer = runner.stop()

    assert (answer.status_code, answer.json()) == (200, {"status": "stopped", "id": "call"})
    assert peer.wait_closed().code == 1000
    assert not peer.data("server-message")
    runner.wait_idle()
    assert runner.stop().status_code == 404


def test_a_call_that_is_stopped_while_it_is_set_up_does_not_come_to_run(peer: Peer) -> None:
    building, go_on = threading.Event(), threading.Event()

    def build(request: RunRequest) -> EchoBot:
        building.set()
        assert go_on.wait(20)
        return EchoBot(request.audio.in_rate)

    with Runner(build) as runner, ThreadPoolExecutor(1) as pool:
        running = pool.submit(runner.run, peer, **ECHO)
        assert building.wait(20)
        assert runner.stop().status_code == 200
        go_on.set()

        assert running.result(20).status_code == 409
        assert "stopped while it was being set up" in running.result().json()["detail"]
        assert runner.sessions() == 0
        assert peer.wait_closed().code == 1000


def test_an_id_is_free_again_after_its_call(runner: Runner) -> None:
    for _ in range(3):
        with Peer() as peer:
            runner.start(peer, **ECHO)
            runner.stop()


@pytest.mark.parametrize("how", ["close", "abort"])
def test_a_daemon_that_goes_ends_the_call(runner: Runner, peer: Peer, how: str) -> None:
    runner.start(peer, **ECHO)

    getattr(peer, how)()

    runner.wait_idle()


def test_a_shutdown_ends_all_calls(peer: Peer) -> None:
    with Runner() as runner:
        runner.start(peer, **ECHO)
    assert peer.wait_closed().code == 1000
    assert runner.left_over == []


def test_garbage_on_the_link_is_dropped_and_the_call_goes_on(runner: Runner, peer: Peer) -> None:
    runner.start(peer, **ECHO)
    for message in ("text", b"\xff\xff\xff", b"", b"\x22\x03{}}", b"\x22\x06\x0a\x04null"):
        peer.send_raw(message)
    peer.send_message("client-message", {"t": "playout", "d": {"pos_ms": "soon"}})
    peer.send_audio(b"\1" * 640, rate=8000)
    peer.send_audio(b"\2" * 641)
    peer.send_audio(b"\3" * 640)
    peer.wait_until(lambda: peer.received, "the good frame")

    assert bytes(peer.received) == b"\3" * 640


def test_every_request_but_health_needs_the_token(peer: Peer) -> None:
    with Runner(token="secret") as runner:
        assert runner.run(peer, **ECHO).status_code == 401
        assert runner.stop().status_code == 401
        assert runner.http.get("/health").status_code == 200
        runner.http.headers["authorization"] = "Bearer secret"
        runner.start(peer, **ECHO)


def test_a_listener_beyond_loopback_needs_a_token() -> None:
    with pytest.raises(ValidationError, match="RUNNER_TOKEN"):
        Settings(host="0.0.0.0")
    assert Settings.from_environment({"RUNNER_TOKEN": "t"}, host="0.0.0.0").token is not None
