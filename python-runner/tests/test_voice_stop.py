"""When the caller's voice fell silent, as the daemon is told."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from pipecat.frames.frames import (
    Frame,
    OutputTransportMessageUrgentFrame,
    UserStoppedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.observers.base_observer import FramePushed
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._link.session import LinkSession
from pipecat_runner._link.voice_stop import VoiceStopObserver


class _Socket:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, frame: OutputTransportMessageUrgentFrame) -> bool:
        self.sent.append(frame.message)
        return True


async def _observe(frame: Frame, direction: FrameDirection) -> list[dict[str, Any]]:
    socket = _Socket()
    observer = VoiceStopObserver(cast(LinkSession, socket))
    nobody = cast(Any, None)
    await observer.on_push_frame(
        FramePushed(source=nobody, destination=nobody, frame=frame, direction=direction, timestamp=0)
    )
    return socket.sent


async def test_the_silence_began_before_the_detector_was_sure_of_it() -> None:
    frame = VADUserStoppedSpeakingFrame(stop_secs=0.2, timestamp=time.time() - 1)

    [message] = await _observe(frame, FrameDirection.DOWNSTREAM)

    assert message["type"] == "server-message"
    assert message["data"]["t"] == "vad-stopped"
    assert message["data"]["d"]["ago_ms"] >= 1200


@pytest.mark.parametrize(
    ("frame", "direction"),
    [
        (VADUserStoppedSpeakingFrame(), FrameDirection.UPSTREAM),
        (UserStoppedSpeakingFrame(), FrameDirection.DOWNSTREAM),
    ],
    ids=["its other half", "the end of the turn"],
)
async def test_nothing_else_is_told(frame: Frame, direction: FrameDirection) -> None:
    assert await _observe(frame, direction) == []
