"""Piper in its process, Whisper in its threads, and a whole spoken conversation. Needs the extra ``offline``."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import numpy as np
import pytest
import soxr

from pipecat_runner._speech.local import LocalSpeech
from pipecat_runner._speech.piper_process import PiperError, PiperProcess
from tests.support.peer import FRAME_MS, Peer
from tests.support.runner import Runner
from tests.support.services import CallTool, LlmServer, Say, ToolServer

RATE = 16_000
SENTENCES = (
    "What is my account balance, please?",
    "I would like to book a table for four people tomorrow evening.",
    "My credit card was lost on the train yesterday.",
)

pytestmark = pytest.mark.xdist_group("quiet")


@pytest.fixture
async def speech() -> AsyncIterator[LocalSpeech]:
    local = LocalSpeech()
    yield local
    await local.close()


async def synthesize(piper: PiperProcess, text: str) -> bytes:
    return b"".join([pcm async for pcm in piper.speak(text)])


def resample(pcm: bytes, rate: int) -> bytes:
    samples = soxr.resample(np.frombuffer(pcm, dtype="<i2"), rate, RATE)
    return bytes(samples.astype("<i2").tobytes())


def telephone(pcm: bytes, rate: int) -> bytes:
    narrow = soxr.resample(np.frombuffer(pcm, dtype="<i2"), rate, 8000)
    return bytes(narrow.astype("<i2").tobytes())


def spoken_words(text: str) -> list[str]:
    return re.sub(r"[^a-z ]", "", text.lower()).split()


def wrong_words(said: list[str], heard: list[str]) -> int:
    """Words to insert, leave out or replace to get from one to the other."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        above, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
    return row[-1]


@pytest.mark.parametrize(("cut", "rate"), [(lambda pcm, _: pcm, 22050), (telephone, 8000)], ids=["wide", "telephone"])
async def test_what_piper_says_whisper_understands(
    speech: LocalSpeech, cut: Callable[[bytes, int], bytes], rate: int
) -> None:
    piper, piper_rate = speech.piper(None)
    whisper = speech.whisper(None)
    said, wrong = 0, 0
    heard = []
    for sentence in SENTENCES:
        pcm = cut(await synthesize(piper, sentence), piper_rate)
        heard.append(await whisper.transcribe(pcm, rate, "en"))
        said += len(spoken_words(sentence))
        wrong += wrong_words(spoken_words(sentence), spoken_words(heard[-1]))

    assert piper_rate == piper.sample_rate == 22050
    # Piper says a sentence differently each time, and Whisper then takes a word for another.
    assert wrong / said <= 0.2, heard


def test_a_short_segment_is_encoded_short_and_a_long_one_whole() -> None:
    from pipecat_runner._speech.short_whisper import needed_frames

    def padded(frames: int) -> Any:
        spectrogram = np.zeros((80, 3000), dtype=np.float32)
        spectrogram[3, :frames] = -0.5
        return spectrogram

    needed = [needed_frames(padded(frames)) for frames in (0, 40, 1501, 2950, 3000)]

    assert needed == sorted(needed)
    assert needed[0] == needed[1] < 1501 < needed[2] < 3000
    assert needed[3:] == [3000, 3000]
    assert all(count % 2 == 0 for count in needed), "the encoder halves them"
    assert needed_frames(padded(1501)[np.newaxis]) == needed[2]


async def test_sentences_arrive_one_by_one_and_calls_share_the_worker(speech: LocalSpeech) -> None:
    piper, _ = speech.piper(None)
    again, _ = speech.piper("en_US-joe-medium")
    pieces = [len(pcm) async for pcm in piper.speak("One is short. Two is a little longer. Three ends it.")]

    both = await asyncio.gather(synthesize(piper, "Hello there."), synthesize(again, "Good morning to you."))

    assert piper is again
    assert len(pieces) == 3
    assert all(both)


async def test_a_cancelled_sentence_does_not_hold_up_the_next(speech: LocalSpeech) -> None:
    piper, _ = speech.piper(None)
    pieces = piper.speak("First sentence. Second sentence. Third sentence. Fourth sentence. " * 5)
    await anext(pieces)
    await pieces.aclose()

    assert await synthesize(piper, "Next.")


async def test_a_worker_that_died_is_replaced(speech: LocalSpeech) -> None:
    piper, _ = speech.piper(None)
    before = await synthesize(piper, "The same words.")
    first = piper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    after = await synthesize(piper, "The same words.")

    assert after
    assert abs(len(after) - len(before)) < len(before)
    assert piper.pid != first


async def test_a_voice_that_cannot_be_loaded_is_an_error(tmp_path: Any) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    piper = PiperProcess(broken)

    with pytest.raises(PiperError, match=r"broken\.onnx did not start"):
        await synthesize(piper, "Hello.")


# -- a conversation


def script(message: dict[str, Any]) -> Say | CallTool:
    content = str(message.get("content")).lower()
    if message["role"] == "tool":
        return Say("Your balance is twelve euros.")
    if "balance" in content:
        return CallTool({"balance": {}})
    if "bye" in content:
        return CallTool({"": "Thank you for calling and have a nice day.", "hang_up": {}})
    return Say("Sorry?")


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner(setup_timeout_secs=60) as running:
        yield running


def talk(peer: Peer, pcm: bytes) -> None:
    """Speak to the bot in real time, then stay silent as a telephone does."""
    speech = pcm + bytes(2 * RATE)
    due = time.monotonic()
    for start in range(0, len(speech), 640):
        peer.send_audio(speech[start : start + 640].ljust(640, b"\0"))
        due += FRAME_MS / 1000
        time.sleep(max(0.0, due - time.monotonic()))


def test_a_spoken_conversation_with_a_tool_and_a_goodbye_that_is_heard(runner: Runner) -> None:
    async def caller() -> list[bytes]:
        local = LocalSpeech()
        piper, rate = local.piper(None)
        try:
            return [
                resample(await synthesize(piper, t), rate)
                for t in ("What is my balance please?", "Thank you very much and goodbye.")
            ]
        finally:
            await local.close()

    async def transcript(frames: list[bytes | None], rate: int) -> str:
        local = LocalSpeech()
        try:
            pcm = b"".join(frame for frame in frames if frame)
            return (await local.whisper(None).transcribe(pcm, rate, "en")).lower()
        finally:
            await local.close()

    # Neither has a pause within, which the bot could take for the end of the turn.
    question, goodbye = asyncio.run(caller())
    tool = {"name": "balance", "description": "The balance.", "parameters": {}}
    hang_up = {"name": "hang_up", "description": "End the call.", "builtin": "hang_up"}
    with Peer() as peer, LlmServer(script) as llm, ToolServer(lambda _: (200, {"result": "success"})) as tools:
        assert isinstance(llm, LlmServer)
        agent = {
            "bot": "assistant",
            "greeting": "Welcome to the bank.",
            "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url},
            "stt": {"type": "whisper", "model": "tiny.en", "language": "en"},
            "tts": {"type": "piper", "voice": "en_US-joe-medium", "language": "en"},
        }
        runner.start(peer, agent=agent, tools=[tool, hang_up], link={"tools_url": tools.url})
        peer.wait_for_message("bot-stopped-speaking")
        talk(peer, question)
        peer.wait_until(lambda: len(peer.data("bot-stopped-speaking")) == 2, "the answer to be heard")
        talk(peer, goodbye)
        closed = peer.wait_closed()
        heard, rate = asyncio.run(transcript(peer.heard, peer.rate)), peer.rate

    assert rate == 22050
    assert "welcome to the bank" in heard
    assert "balance is" in heard
    assert "thank you for calling" in heard
    assert "nice day" in heard
    assert closed.code == 1000
    assert peer.data("server-message")[-1]["d"]["reason"] == "bot_ended"
    assert len(peer.received) == sum(len(frame) for frame in peer.heard if frame), "something was sent and not heard"
