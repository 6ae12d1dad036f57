"""Pressed keys become what the caller said."""

from __future__ import annotations

import asyncio
from typing import Any

from pipecat.frames.frames import (
    Frame,
    InputDTMFFrame,
    InterimTranscriptionFrame,
    LLMMessagesAppendFrame,
    TranscriptionFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.time import time_now_iso8601

from pipecat_runner._agent import DtmfConfig

# Longer than any number a caller would type; more is a stuck key.
_MAX_KEYS = 64
# How often it is told that a number is not complete. A turn in which nothing is heard ends by turn.stop_timeout_secs.
_ALIVE_SECS = 0.4


class KeysSoFar(InterimTranscriptionFrame):
    """The keys pressed up to now."""


class KeysFrame(TranscriptionFrame):
    """Keys that are complete."""


class Keys(FrameProcessor):
    """Collects keys until the terminator or a silence, in front of what collects the caller's words."""

    def __init__(self, dtmf: DtmfConfig, *, written: bool = False) -> None:
        """Follow a configuration.

        Args:
            dtmf: It.
            written: Whether they are given to the model in writing: one that listens itself hears no transcripts.
        """
        super().__init__(enable_direct_mode=True)
        self._written = written
        self._dtmf = dtmf
        self._keys = ""
        self._timer: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take keys, pass everything else."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputDTMFFrame):
            await self._press(frame.button.value)
        else:
            await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """End the timer."""
        await super().cleanup()
        await self._disarm()

    async def _press(self, key: str) -> None:
        await self._disarm()
        # Alone it is a key like any other.
        if key == self._dtmf.terminator and self._keys:
            await self._complete()
            return
        self._keys += key
        await self._tell()
        if key == self._dtmf.terminator or len(self._keys) == _MAX_KEYS:
            await self._complete()
        else:
            self._timer = self.create_task(self._complete_later(), "keys")

    async def _tell(self) -> None:
        await self.push_frame(KeysSoFar(self._dtmf.prefix + self._keys, "", time_now_iso8601()))

    async def _complete_later(self) -> None:
        left = self._dtmf.timeout_secs
        while left > _ALIVE_SECS:
            await asyncio.sleep(_ALIVE_SECS)
            left -= _ALIVE_SECS
            await self._tell()
        await asyncio.sleep(left)
        self._timer = None
        await self._complete()

    async def _complete(self) -> None:
        keys, self._keys = self._keys, ""
        if self._written:
            await self.broadcast_interruption()
            message: Any = {"role": "user", "content": self._dtmf.prefix + keys}
            await self.push_frame(LLMMessagesAppendFrame([message], run_llm=True))
            return
        frame = KeysFrame(self._dtmf.prefix + keys, "", time_now_iso8601())
        # The interruption that the first of them caused may still be under way.
        frame.interruptible = False
        await self.push_frame(frame)

    async def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            await self.cancel_task(timer)
