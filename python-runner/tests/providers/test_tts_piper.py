"""The voice of this machine: heard, and replaced when its process hangs or dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.providers.voices import SUBJECTS
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say
from tests.support.words import SHORT, words_heard

pytestmark = pytest.mark.xdist_group("quiet")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    llm = LlmServer(lambda _: Say(SHORT))
    with llm:
        yield llm


def agent(llm: LlmServer, **tts: Any) -> dict[str, Any]:
    model = {"type": "openai_compatible", "model": "scripted", "base_url": llm.base_url}
    # The worker loads its voice first.
    return {"llm": model, "tts": {"type": "piper", "stall_secs": 30, **tts}, "greeting": "Good morning."}


def worker() -> int:
    """The process id of the voice."""
    children = psutil.Process().children(recursive=True)
    (pid,) = [child.pid for child in children if any("piper_worker" in part for part in child.cmdline())]
    return pid


@pytest.mark.proves("tts", "piper", "turn")
def test_piper_is_heard(llm: LlmServer) -> None:
    with Peer() as peer, Runner() as runner:
        runner.start(peer, agent=agent(llm))
        peer.wait_for_message("bot-stopped-speaking")

    assert peer.rate == 22_050
    assert peer.heard_ms() > 500
    assert peer.data("bot-output")[-1]["text"] == "Good morning."


@pytest.mark.proves("tts", "piper", "drop")
def test_a_reply_is_heard_though_pipers_process_dies_over_it(llm: LlmServer) -> None:
    with Peer() as peer, Runner() as runner:
        greeted = _greeted(runner, peer, agent(llm))
        os.kill(worker(), signal.SIGSTOP)
        peer.say("hello")
        peer.wait_for_message("bot-tts-started", after=greeted)
        os.kill(worker(), signal.SIGKILL)
        peer.wait_for_message("bot-stopped-speaking", after=greeted)

    assert peer.data("bot-output")[-1]["text"] == "Goodbye my friend."
    assert not [data for data in peer.data("server-message") if data["t"] == "provider-error"]


@pytest.mark.proves("tts", "piper", "stall")
def test_another_voice_speaks_when_pipers_process_hangs(llm: LlmServer) -> None:
    other = SUBJECTS["cartesia"]
    with other.server(SHORT) as server, Peer() as first, Peer() as peer, Runner() as runner:
        _greeted(runner, first, agent(llm), "first")
        _greeted(runner, peer, agent(llm, stall_secs=3, fallback=[other.configuration(server)]))
        heard = len(peer.heard)
        os.kill(worker(), signal.SIGSTOP)
        try:
            peer.say("hello")
            peer.wait_until(lambda: words_heard(peer.heard[heard:], SHORT) == len(SHORT.split()), "the whole reply")
        finally:
            os.kill(worker(), signal.SIGCONT)

    errors = [data["d"] for data in peer.data("server-message") if data["t"] == "provider-error"]
    assert [(e["provider"], e["kind"], e["action"], e["to"]) for e in errors] == [
        ("piper", "stall", "switched", "cartesia")
    ]


def _greeted(runner: Runner, peer: Peer, agent: dict[str, Any], call_id: str = "call") -> int:
    """Start a call and wait until its greeting was heard; answers how many messages came until then."""
    runner.start(peer, call_id, agent=agent)
    peer.wait_for_message("bot-stopped-speaking")
    return len(peer.messages)
