"""The bots that make end-to-end measurements honest: not a sample may be lost, repeated or changed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import pytest

from pipecat_runner._bots.tone import Tone
from tests.support.peer import FRAME_MS, Peer
from tests.support.runner import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


@pytest.mark.parametrize("rate", [8000, 16000])
def test_an_echo_returns_every_sample_unchanged(runner: Runner, rate: int) -> None:
    size = rate * FRAME_MS // 1000 * 2
    sent = random.Random(7).randbytes(size * 100)
    with Peer() as peer:
        runner.start(peer, agent={"bot": "echo"}, audio={"in_rate": rate})
        due = time.monotonic()
        for start in range(0, len(sent), size):
            peer.send_audio(sent[start : start + size], rate)
            due += FRAME_MS / 1000
            time.sleep(max(0.0, due - time.monotonic()))
        peer.wait_until(lambda: sum(map(bool, peer.heard)) == 100, "the echo")

    assert peer.rate == rate
    assert b"".join(frame for frame in peer.heard if frame) == sent


def test_an_echo_nobody_plays_is_dropped_and_not_hoarded(runner: Runner) -> None:
    with Peer() as peer:
        peer.options.hold = True
        runner.start(peer, agent={"bot": "echo"})
        for _ in range(200):
            peer.send_audio(bytes(640))
        peer.options.hold = False
        peer.wait_until(lambda: len(peer.received) >= 640 * (400 + 1000) // FRAME_MS, "window and backlog")
        heard = len(peer.heard)
        peer.wait_until(lambda: len(peer.heard) >= heard + 50, "another second")

    # The window, what waits behind it, and a chunk in the hands of each of the tasks between.
    assert len(peer.received) <= 640 * ((400 + 1000) // FRAME_MS + 3)


@pytest.mark.xdist_group("quiet")
def test_a_tone_runs_ahead_as_far_as_granted_and_is_heard_without_a_seam(runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent={"bot": "tone", "tone": {"hz": 440, "level_dbfs": -12}})
        peer.wait_until(lambda: peer.heard_ms() >= 1000, "a second of tone")
        runner.stall(0.3)
        peer.wait_until(lambda: peer.heard_ms() >= 3000, "three seconds of tone")

    first = next(i for i, frame in enumerate(peer.heard) if frame)
    heard = b"".join(frame or b"" for frame in peer.heard[first:])
    assert heard == Tone(440, -12, 16000).pcm(0, len(heard) // 2)
    assert sum(frame is None for frame in peer.heard[first:]) <= 1
    assert peer.max_queue_ms == peer.options.window_ms


def test_a_tone_is_the_same_in_any_cut_and_after_hours() -> None:
    tone = Tone(440, -12, 16000)
    whole = tone.pcm(0, 16000)
    assert b"".join(tone.pcm(n, 160) for n in range(0, 16000, 160)) == whole
    assert tone.pcm(16000 * 7200, 16000) == whole, "440 Hz repeats every second"
    peak = np.abs(np.frombuffer(whole, dtype="<i2").astype(int)).max()
    assert abs(20 * np.log10(peak / 32768) + 12) < 0.01


def test_a_tone_goes_on_after_the_daemon_stopped_it(runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent={"bot": "tone"})
        peer.wait_until(lambda: peer.heard_ms() >= 300, "the tone")
        peer.interrupt()
        peer.wait_until(lambda: peer.markers, "the marker")
        heard = peer.heard_ms()
        peer.wait_until(lambda: peer.heard_ms() >= heard + 500, "the tone again")
        assert runner.stop().status_code == 200
