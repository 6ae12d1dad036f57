"""What the caller hears when a voice fails on its provider's own wire: the sentence, from another voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.providers.servers.speaking import Does
from tests.providers.voices import KEY, SUBJECTS, Subject
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say
from tests.support.words import SHORT, words_heard

pytestmark = pytest.mark.usefixtures("aws_keys")

# A sentence without sound for this long has failed.
STALL_SECS = 0.8

FAILURES: dict[Does, str] = {
    "bad key": "authentication",
    "limit": "rate_limit",
    "stall": "stall",
    "drop": "connectivity",
    "garbage": "malformed",
}
# Where a provider's own wire or library makes something else of it.
OTHERWISE: dict[tuple[str, Does], str] = {
    # gRPC says that the service is not available, whatever became of the connection.
    ("google", "drop"): "server",
    # The SDK drops what it does not understand, and goes on waiting.
    ("azure", "garbage"): "stall",
}


@pytest.fixture
def aws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    llm = LlmServer(lambda _: Say(SHORT))
    with llm:
        yield llm


def stand_in(subject: Subject) -> Subject:
    """Another provider's voice."""
    return SUBJECTS["deepgram" if subject.provider == "cartesia" else "cartesia"]


@dataclass(frozen=True)
class Case:
    """A voice that fails in some way, and what that is called."""

    subject: Subject
    does: Does
    kind: str


def _cases() -> list[Any]:
    return [
        pytest.param(
            Case(subject, does, OTHERWISE.get((subject.provider, does), kind)),
            id=f"{name}-{does}".replace(" ", "-"),
            marks=pytest.mark.proves("tts", subject.provider, does),
        )
        for name, subject in SUBJECTS.items()
        # Google's plain voices fail on the same connection, with the same errors, as its streamed ones.
        if name != "google plain"
        for does, kind in FAILURES.items()
    ]


# One of each kind: word times, a sentence's text behind its sound, text before sound.
KINDS = ["cartesia", "openai", "deepgram"]


@pytest.mark.parametrize("case", _cases())
def test_another_voice_says_what_one_did_not(runner: Runner, peer: Peer, llm: LlmServer, case: Case) -> None:
    told = _failing(runner, peer, llm, case)

    assert [(error["part"], error["provider"], error["action"]) for error in told] == [
        ("tts", case.subject.provider, "switched")
    ]
    assert (told[0]["kind"], told[0]["to"]) == (case.kind, stand_in(case.subject).provider)
    for secret in (KEY, "Okay", "Goodbye"):
        assert secret not in told[0]["message"]


@pytest.mark.parametrize("name", KINDS)
def test_a_sentence_that_is_over_without_a_sound_is_said_by_another_voice(
    runner: Runner, peer: Peer, llm: LlmServer, name: str
) -> None:
    told = _failing(runner, peer, llm, Case(SUBJECTS[name], "silent", "malformed"))

    assert [(error["kind"], error["action"]) for error in told] == [("malformed", "switched")]


@pytest.mark.parametrize("does", ["silent", "stall"])
@pytest.mark.parametrize("name", KINDS)
def test_with_no_other_voice_silence_is_not_what_the_caller_gets(
    runner: Runner, peer: Peer, llm: LlmServer, name: str, does: Does
) -> None:
    with SUBJECTS[name].server(SHORT, does) as server:
        tts = SUBJECTS[name].configuration(server, stall_secs=STALL_SECS)
        runner.start(peer, agent=_agent(llm, tts, failure={"give_up_after": 1}))
        peer.say("hello")
        closed = peer.wait_closed()

    assert closed.code in (1000, 1011)
    assert peer.heard_ms() > 0, "not even a tone"
    actions = [data["d"]["action"] for data in peer.data("server-message") if data["t"] == "provider-error"]
    assert actions == ["retried", "ended"]
    assert peer.data("server-message")[-1]["t"] == "call-ending"


def _failing(runner: Runner, peer: Peer, llm: LlmServer, case: Case) -> list[dict[str, Any]]:
    """A turn in which a voice fails and another says every word; answers what the platform was told."""
    subject = case.subject
    other = stand_in(subject)
    with subject.server(SHORT, case.does) as server, other.server(SHORT) as second:
        fallback = other.configuration(second)
        stall_secs = STALL_SECS if case.kind == "stall" else 10
        tts = subject.configuration(server, stall_secs=stall_secs, fallback=[fallback])
        runner.start(peer, agent=_agent(llm, tts))
        peer.say("hello")
        peer.wait_until(lambda: words_heard(peer.heard, SHORT) == len(SHORT.split()), "every word of the reply")
        peer.wait_for_message("bot-stopped-speaking")
        assert runner.stop().status_code == 200
    # It speaks at the call's rate: its words would not be recognised otherwise.
    assert peer.rate == subject.rate
    return [data["d"] for data in peer.data("server-message") if data["t"] == "provider-error"]


def _agent(llm: LlmServer, tts: dict[str, Any], **more: Any) -> dict[str, Any]:
    model = {"type": "openai_compatible", "model": "scripted", "base_url": llm.base_url}
    return {"llm": model, "tts": tts, **more}
