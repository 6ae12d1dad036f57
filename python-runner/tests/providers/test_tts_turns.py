"""Each voice says a reply, over its provider's own wire, to a caller who recognises every word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.voices import KEY, SUBJECTS, Subject
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say
from tests.support.words import SHORT, heard_ms_by_word, words_heard

STORY = (
    "The weather is mild today. Tomorrow brings heavy rain with thunder, so take an umbrella. "
    "The weekend looks bright and sunny again."
)

pytestmark = pytest.mark.usefixtures("aws_keys")


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
    llm = LlmServer(lambda message: Say(STORY if "long" in str(message["content"]) else SHORT))
    with llm:
        yield llm


def agent(llm: LlmServer, tts: dict[str, Any], **more: Any) -> dict[str, Any]:
    model = {"type": "openai_compatible", "model": "scripted", "base_url": llm.base_url}
    return {"llm": model, "tts": tts, **more}


def _proving(scenario: str) -> list[Any]:
    return [
        pytest.param(subject, id=name.replace(" ", "-"), marks=pytest.mark.proves("tts", subject.provider, scenario))
        for name, subject in SUBJECTS.items()
    ]


@pytest.mark.parametrize("subject", _proving("turn"))
def test_a_reply_is_heard_word_by_word(runner: Runner, peer: Peer, llm: LlmServer, subject: Subject) -> None:
    with subject.server(SHORT) as server:
        runner.start(peer, agent=agent(llm, subject.configuration(server)))
        peer.say("hello")
        peer.wait_for_message("bot-stopped-speaking")
        assert runner.stop().status_code == 200

    assert words_heard(peer.heard, SHORT) == len(SHORT.split())
    assert peer.rate == subject.rate
    assert [asked.text for asked in server.asked] == ["Okay then.", "Goodbye my friend."]
    assert {asked.voice for asked in server.asked} == {subject.voice}
    if server.keys:
        assert set(server.keys) == {KEY}


# Three time their words; one gives a sentence's text behind its sound, one before it.
@pytest.mark.parametrize("name", ["cartesia", "elevenlabs", "azure", "openai", "deepgram"])
def test_after_a_barge_in_the_model_is_told_what_was_heard(
    runner: Runner, peer: Peer, llm: LlmServer, name: str
) -> None:
    subject = SUBJECTS[name]
    with subject.server(f"{STORY} {SHORT}") as server:
        runner.start(peer, agent=agent(llm, subject.configuration(server)))
        peer.say("a long story")
        peer.wait_until(lambda: peer.heard_ms() >= 2300, "2.3 s of the story")
        peer.say("and now?")
        llm.wait_for_requests(2)
        peer.wait_for_message("bot-stopped-speaking", after=_first(peer, "bot-stopped-speaking") + 1)
        assert runner.stop().status_code == 200

    told = [str(m["content"]) for m in llm.requests[1]["messages"] if m["role"] == "assistant"]
    interrupted = peer.flushes[-1].heard_frames
    heard = words_heard(peer.heard[:interrupted], STORY)
    assert len(told) == 1
    assert STORY.startswith(told[0])
    assert abs(len(told[0].split()) - heard) <= 1
    # And nothing of the story comes after it.
    after = heard_ms_by_word(peer.heard[interrupted:])
    assert sorted(after) == list(range(len(STORY.split()), len(f"{STORY} {SHORT}".split())))


# A voice, what is asked of it, and what its server is asked for.
CONFIGURED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("cartesia", {"language": "de-DE", "speed": 1.2}, {"language": "de", "generation_config": {"speed": 1.2}}),
    ("cartesia", {"options": {"sample_rate": 8000, "emotion": "calm"}}, {"rate": 8000, "model_id": "sonic-3.6"}),
    ("elevenlabs", {"language": "pt", "speed": 0.9}, {"language_code": "pt", "speed": 0.9}),
    (
        "elevenlabs",
        {"options": {"stability": 0.3, "sample_rate": 8000}},
        {"stability": 0.3, "output_format": "pcm_8000"},
    ),
    ("google", {"language": "de", "speed": 1.5}, {"language": "de-DE", "speed": 1.5}),
    ("google plain", {"speed": 1.5}, {"language": "en-US"}),
    ("openai", {"speed": 1.5, "options": {"instructions": "Calmly."}}, {"speed": 1.5, "instructions": "Calmly."}),
    ("deepgram", {"language": "fr", "speed": 0.8}, {"model": "aura-2-agathe-fr", "speed": "0.8"}),
    ("azure", {"language": "it", "speed": 1.1}, {"language": "it-IT", "speed": "1.1"}),
    ("aws", {"voice": "Tatyana", "speed": 0.8}, {"Engine": "standard", "VoiceId": "Tatyana", "region": "eu-central-1"}),
    ("aws", {"model": "generative"}, {"Engine": "generative"}),
]


@pytest.mark.parametrize("configured", CONFIGURED, ids=lambda configured: configured[0])
def test_what_is_asked_of_a_voice_arrives_at_its_provider(
    runner: Runner, peer: Peer, llm: LlmServer, configured: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    name, asked_for, arrives = configured
    with SUBJECTS[name].server("Hello.") as server:
        runner.start(peer, agent=agent(llm, SUBJECTS[name].configuration(server, **asked_for), greeting="Hello."))
        peer.wait_for_message("bot-stopped-speaking")
        assert runner.stop().status_code == 200

    about = server.asked[0].about
    assert {name: about.get(name) for name in arrives} == arrives


def _first(peer: Peer, kind: str) -> int:
    return next((i for i, message in enumerate(peer.messages) if message["type"] == kind), len(peer.messages))
