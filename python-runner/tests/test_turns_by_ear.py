"""What counts as a voice and when a turn is over, with real speech. Needs the extra ``offline`` for a voice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, cast

import numpy as np
import pytest
import soxr
from pipecat.audio.vad.vad_analyzer import VADParams, VADState

from pipecat_runner._agent import TtsConfig, TurnConfig, VadConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._parts.models import SentenceEnd, VoiceDetector
from pipecat_runner._parts.turns import Turns
from pipecat_runner._providers.table import Provider
from pipecat_runner._providers.tts import PROVIDERS as VOICES
from pipecat_runner._providers.tts import Voice
from pipecat_runner._speech.local import LocalSpeech
from tests.support.caller import TalkingBot
from tests.support.peer import FRAME_MS, Peer
from tests.support.runner import Runner
from tests.support.services import LlmServer, Say
from tests.support.words import LONG, SentenceVoice

RATE = 16_000
FRAME = RATE * FRAME_MS // 1000 * 2

pytestmark = pytest.mark.xdist_group("quiet")


def speak(text: str) -> bytes:
    async def synthesize() -> bytes:
        speech = LocalSpeech()
        piper, rate = speech.piper(None)
        try:
            pcm = b"".join([piece async for piece in piper.speak(text)])
        finally:
            await speech.close()
        return bytes(soxr.resample(np.frombuffer(pcm, dtype="<i2"), rate, RATE).astype("<i2").tobytes())

    return asyncio.run(synthesize())


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A sentence that is over."""
    return speak("What is my account balance?")


@pytest.fixture(scope="module")
def half() -> bytes:
    """A sentence that goes on."""
    return speak("And then I wanted to")


def quieter(pcm: bytes, factor: float) -> bytes:
    return bytes((np.frombuffer(pcm, dtype="<i2") * factor).astype("<i2").tobytes())


async def heard(detector: VoiceDetector, pcm: bytes) -> list[tuple[VADState, int]]:
    """When a voice was found to begin (SPEAKING) and to end (QUIET), in ms of audio; a second of silence around."""
    changes: list[tuple[VADState, int]] = []
    speaking = False
    audio = bytes(RATE * 2) + pcm + bytes(RATE * 4)
    for start in range(0, len(audio) - FRAME + 1, FRAME):
        state = await detector.analyze_audio(audio[start : start + FRAME])
        if state in (VADState.SPEAKING, VADState.QUIET) and (state is VADState.SPEAKING) != speaking:
            speaking = not speaking
            changes.append((state, start // 32))
    return changes


def detector(**params: float) -> VoiceDetector:
    made = VoiceDetector(VADParams(**params))
    made.set_sample_rate(RATE)
    return made


# -- vad


async def test_start_secs_is_how_long_a_voice_must_last_to_count(whole: bytes) -> None:
    soon = await heard(detector(start_secs=0.1), whole)
    late = await heard(detector(start_secs=0.5), whole)

    assert 320 <= late[0][1] - soon[0][1] <= 480


async def test_stop_secs_is_how_long_a_silence_must_last_to_count(whole: bytes) -> None:
    soon = await heard(detector(stop_secs=0.3), whole)
    late = await heard(detector(stop_secs=1.0), whole)

    assert 600 <= late[-1][1] - soon[-1][1] <= 800


async def test_min_volume_keeps_out_who_speaks_in_the_background(whole: bytes) -> None:
    background = quieter(whole, 0.01)

    assert await heard(detector(min_volume=0.0), background)
    assert not await heard(detector(min_volume=0.6), background)


async def test_confidence_is_how_sure_the_model_must_be(whole: bytes) -> None:
    assert await heard(detector(confidence=0.5), whole)
    assert not await heard(detector(confidence=1.0), whole)


async def test_calls_share_the_weights_and_not_what_they_hear(whole: bytes, half: bytes) -> None:
    alone = [await heard(detector(), pcm) for pcm in (whole, half)]
    together = await asyncio.gather(*(heard(detector(), pcm) for pcm in (whole, half) * 3))

    assert together == alone * 3
    first, second = detector(), detector()
    assert first._model.session is second._model.session
    assert first._model is not second._model


async def test_ends_of_sentences_are_judged_for_each_call_alone(whole: bytes, half: bytes) -> None:
    async def is_over(pcm: bytes) -> bool:
        end = SentenceEnd()
        end.set_sample_rate(RATE)
        for start in range(0, len(pcm), FRAME):
            end.append_audio(pcm[start : start + FRAME], is_speech=True)
        state, _ = await end.analyze_end_of_turn()
        await end.cleanup()
        return bool(state.value == 1)

    assert await asyncio.gather(*(is_over(pcm) for pcm in (whole, half) * 3)) == [True, False] * 3


def halved(pcm: bytes) -> bytes:
    """The same at 8 kHz, as a caller of the telephone network sounds who is not converted."""
    samples = soxr.resample(np.frombuffer(pcm, dtype="<i2"), RATE, RATE // 2)
    return bytes(samples.astype("<i2").tobytes())


async def test_a_voice_at_8_khz_is_heard_as_soon_as_one_at_16(whole: bytes) -> None:
    narrow = VoiceDetector(VADParams())
    narrow.set_sample_rate(RATE // 2)
    states = [VADState.QUIET]
    changes: list[int] = []
    audio = bytes(RATE) + halved(whole) + bytes(RATE * 2)
    for start in range(0, len(audio) - FRAME // 2 + 1, FRAME // 2):
        state = await narrow.analyze_audio(audio[start : start + FRAME // 2])
        if state in (VADState.SPEAKING, VADState.QUIET) and state is not states[-1]:
            states.append(state)
            changes.append(start // 16)
    wide = await heard(detector(), whole)

    assert states[1:] == [state for state, _ in wide]
    assert all(abs(at - there) <= 200 for at, (_, there) in zip(changes, wide, strict=True))


async def test_the_end_of_a_sentence_is_judged_at_8_khz_too(whole: bytes, half: bytes) -> None:
    async def is_over(pcm: bytes) -> bool:
        end = SentenceEnd()
        end.set_sample_rate(RATE // 2)
        for start in range(0, len(pcm), FRAME // 2):
            end.append_audio(pcm[start : start + FRAME // 2], is_speech=True)
        state, _ = await end.analyze_end_of_turn()
        await end.cleanup()
        return bool(state.value == 1)

    assert await is_over(halved(whole))
    assert not await is_over(halved(half))


def test_a_call_that_is_set_up_loads_no_model_again() -> None:
    def make() -> float:
        began = time.perf_counter()
        Turns(TurnConfig(), VadConfig(), ears=TalkingBot.deaf_ears()).params()
        return time.perf_counter() - began

    make()

    # Loading takes 70 ms on an idle machine; this takes less than one.
    assert min(make() for _ in range(5)) < 0.02


# -- turn.stop


class Line:
    """The caller's end of a call: speech is sent in real time, silence between."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._speech = bytearray()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def say(self, pcm: bytes) -> None:
        """Speak, and return when the voice was found to have ended."""
        self._speech += pcm
        self.peer.wait_until(lambda: any(d["t"] == "vad-stopped" for d in self.peer.data("server-message")), "silence")

    def frames(self) -> int:
        """A clock: 20 ms frames so far."""
        return len(self.peer.heard)

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)

    def _send(self) -> None:
        sent = 0
        while not self._over.is_set():
            self.peer.wait_until(lambda sent=sent: len(self.peer.heard) > sent or self._over.is_set(), "a frame's time")  # type: ignore[misc]
            sent = len(self.peer.heard)
            piece = bytes(self._speech[:FRAME]).ljust(FRAME, b"\0")
            del self._speech[:FRAME]
            self.peer.send_audio(piece)


@pytest.fixture
def line() -> Iterator[Callable[..., tuple[Line, TalkingBot]]]:
    with ExitStack() as stack:

        def open_line(**turn: Any) -> tuple[Line, TalkingBot]:
            bots: list[TalkingBot] = []

            def build(_: object) -> TalkingBot:
                bots.append(TalkingBot(SentenceVoice(), vad=VadConfig(), **turn))
                return bots[-1]

            peer = stack.enter_context(Peer())
            stack.enter_context(Runner(build)).start(peer)
            line = Line(peer)
            stack.callback(line.close)
            return line, bots[0]

        yield open_line


def silence_until_the_turn_was_over(call: tuple[Line, TalkingBot], pcm: bytes) -> float:
    """Seconds from the words being understood to the end of the turn."""
    line, bot = call
    line.say(pcm)
    bot.caller.is_understood("Something.")
    before = line.frames()
    line.peer.wait_for_message("user-stopped-speaking")
    return (line.frames() - before) * FRAME_MS / 1000


def test_smart_waits_for_who_has_not_finished_and_silence_does_not(
    line: Callable[..., tuple[Line, TalkingBot]], whole: bytes, half: bytes
) -> None:
    assert silence_until_the_turn_was_over(line(stop="smart"), half) > 1.5
    assert silence_until_the_turn_was_over(line(stop="smart"), whole) < 1.0
    assert silence_until_the_turn_was_over(line(stop="silence", silence_secs=0.3), half) < 1.0


def test_silence_secs_is_the_pause_that_ends_a_turn(line: Callable[..., tuple[Line, TalkingBot]], whole: bytes) -> None:
    assert silence_until_the_turn_was_over(line(stop="silence", silence_secs=2.0), whole) > 1.5


@pytest.mark.parametrize(("limit", "least", "most"), [(0.3, 0.0, 1.2), (2.5, 1.8, 4.0)])
def test_stop_timeout_secs_ends_a_turn_without_words(
    line: Callable[..., tuple[Line, TalkingBot]], limit: float, least: float, most: float
) -> None:
    call, bot = line(stop="silence", stop_timeout_secs=limit)
    bot.caller.starts()
    bot.caller.stops()
    before = call.frames()
    call.peer.wait_for_message("user-stopped-speaking")

    assert least <= (call.frames() - before) * FRAME_MS / 1000 <= most


def test_a_recogniser_that_knows_no_turns_is_not_asked_for_them() -> None:
    with pytest.raises(BadConfiguration, match=r"agent\.turn\.stop: provider needs a recogniser"):
        Turns(TurnConfig(stop="provider"), VadConfig(), ears=None)


def test_words_interrupt_also_with_a_recogniser_that_needs_the_whole_utterance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words: Provider[TtsConfig, Voice] = Provider(lambda *_: Voice(SentenceVoice(), RATE))
    monkeypatch.setitem(cast(dict[str, Any], VOICES), "words", words)
    question = speak("Please stop, I have a question.")
    with (
        LlmServer(lambda message: Say(LONG if message["content"] == "Begin" else "I am listening.")) as llm,
        Runner(setup_timeout_secs=60) as runner,
        Peer() as peer,
    ):
        assert isinstance(llm, LlmServer)
        agent = {
            "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url},
            "stt": {"type": "whisper", "model": "tiny.en", "language": "en"},
            "tts": {"type": "words"},
            "turn": {"stop": "silence", "barge_in": "words", "barge_in_words": 3},
        }
        runner.start(peer, agent=agent)
        peer.say("Begin")
        peer.wait_until(lambda: peer.heard_ms() > 500, "the bot to speak")
        line = Line(peer)
        flushes = len(peer.flushes)
        line.say(question)
        assert len(peer.flushes) == flushes, "there are no words before the voice has ended"
        before = line.frames()
        peer.wait_until(lambda: len(peer.flushes) > flushes, "the interruption")
        late_ms = (line.frames() - before) * FRAME_MS
        llm.wait_for_requests(2)
        line.close()

    asked = llm.requests[1]["messages"]
    # An idle machine takes 0.3 s.
    assert late_ms < 5000
    assert peer.flushes[flushes].dropped_ms > 0
    assert "question" in asked[-1]["content"]
    assert len(asked[1]["content"]) < len(LONG) - 20
    assert LONG.startswith(asked[1]["content"])
