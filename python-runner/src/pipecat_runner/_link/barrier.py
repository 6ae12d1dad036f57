"""A way to wait until everything downstream has been processed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from pipecat.frames.frames import DataFrame, Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


@dataclass
class BarrierFrame(DataFrame):
    """Sets its event when it reaches the end of the pipeline.

    Parameters:
        reached: Set once every frame pushed before this one has been processed.
    """

    reached: asyncio.Event = field(default_factory=asyncio.Event)


class Barrier(FrameProcessor):
    """The last processor of a pipeline: answers barrier frames, passes the rest."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a barrier or pass the frame on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, BarrierFrame):
            frame.reached.set()
        else:
            await self.push_frame(frame, direction)
