"""A voice calls nobody before it speaks, and leaves nothing behind when its call is over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.tts import build_tts
from pipecat_runner._speech.local import LocalSpeech
from tests.providers.voices import KEY, SUBJECTS, Subject
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say
from tests.support.words import SHORT, heard_ms_by_word

pytestmark = pytest.mark.usefixtures("aws_keys")

every_voice = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=[name.replace(" ", "-") for name in SUBJECTS])


@pytest.fixture
def aws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)


def test_no_vendor_is_imported_before_its_voice_is_asked_for() -> None:
    vendors = "aiobotocore azure.cognitiveservices deepgram google.cloud openai pipecat.services.cartesia.tts"
    code = (
        "import sys, pipecat_runner._providers.tts\n"
        f"print([name for name in {vendors.split()!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith("[]"), ran.stdout


@every_voice
async def test_making_a_voice_calls_nobody(subject: Subject) -> None:
    with subject.server(SHORT) as server:
        config = TtsConfig.model_validate(subject.configuration(server))
        # As for a call: in a thread, which has no event loop.
        await asyncio.to_thread(build_tts, config, LocalSpeech())
        assert server.connections == 0


@pytest.mark.parametrize("subject", [SUBJECTS[name] for name in ("azure", "aws", "google", "openai", "elevenlabs")])
def test_calls_leave_neither_connections_nor_threads(subject: Subject) -> None:
    threads = []
    with subject.server("Hello.") as server, LlmServer(lambda _: Say("Hello.")) as llm, Runner() as runner:
        for call in range(4):
            with Peer() as peer:
                model = {"type": "openai_compatible", "model": "m", "base_url": f"{llm.url}/v1"}
                agent = {"llm": model, "tts": subject.configuration(server), "greeting": "Hello."}
                runner.start(peer, f"call-{call}", agent=agent)
                peer.wait_for_message("bot-stopped-speaking")
                assert runner.stop(f"call-{call}").status_code == 200
                _wait_until(lambda: server.open == 0, "the provider's connections to close")
            threads.append(_threads())

    assert len(server.asked) == 4
    # One may be on its way; three calls that leave something leave at least three.
    assert threads[-1] <= threads[0] + 1, threads


def test_sound_of_an_interrupted_answer_that_comes_late_is_not_given_to_the_next() -> None:
    subject = SUBJECTS["deepgram"]
    story = "This first sentence is long enough to be interrupted before all of it was made."
    with subject.server(f"{story} {SHORT}") as server, Peer() as peer, Runner() as runner:
        server.pace = 2.0
        with LlmServer(lambda message: Say(story if "long" in message["content"] else SHORT)) as llm:
            model = {"type": "openai_compatible", "model": "m", "base_url": f"{llm.url}/v1"}
            runner.start(peer, agent={"llm": model, "tts": subject.configuration(server)})
            peer.say("a long story")
            peer.wait_until(lambda: peer.heard_ms() >= 1000, "a second of it")
            peer.say("and now?")
            last = len(f"{story} {SHORT}".split()) - 1
            peer.wait_until(lambda: last in heard_ms_by_word(peer.heard), "the last word of the next answer")
            assert runner.stop().status_code == 200

    after = heard_ms_by_word(peer.heard[peer.flushes[-1].heard_frames :])
    assert min(after) == len(story.split())


def _threads() -> int:
    """Threads of the process, those of SDKs too, but not those of the loop's own pool, which grows to its size."""
    pool = sum(thread.name.startswith("asyncio_") for thread in threading.enumerate())
    return len(list(Path("/proc/self/task").iterdir())) - pool


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
