"""Tells the daemon when the caller's voice fell silent, which is before the turn is decided to be over."""

from __future__ import annotations

import time

from pipecat.frames.frames import OutputTransportMessageUrgentFrame, VADUserStoppedSpeakingFrame
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._link.session import LinkSession


class VoiceStopObserver(BaseObserver):
    """Sends ``vad-stopped`` with the age of the silence. The latencies of the turn are counted from there."""

    def __init__(self, session: LinkSession) -> None:
        """Observe a pipeline on behalf of a link."""
        super().__init__(observe_every_push=False)
        self._session = session

    async def on_push_frame(self, data: FramePushed) -> None:
        """Send a message for each silence; the frame goes both ways, and one of them counts."""
        frame = data.frame
        if isinstance(frame, VADUserStoppedSpeakingFrame) and data.direction is FrameDirection.DOWNSTREAM:
            ago_ms = max(0, round((frame.stop_secs + time.time() - frame.timestamp) * 1000))
            message = {
                "label": "rtvi-ai",
                "type": "server-message",
                "data": {"t": "vad-stopped", "d": {"ago_ms": ago_ms}},
            }
            await self._session.send(OutputTransportMessageUrgentFrame(message=message))
