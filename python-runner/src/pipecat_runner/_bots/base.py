"""What a session needs from a bot."""

from __future__ import annotations

from abc import ABC, abstractmethod

from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor

from pipecat_runner._link.link import Link
from pipecat_runner._parts.call_end import Ending


class Bot(ABC):
    """One call's bot. Constructed in a worker thread, because models may be loaded; used on the event loop.

    Attributes:
        out_rate: Rate of the bot's audio in Hz.
    """

    out_rate: int

    @property
    def ending(self) -> Ending:
        """What the daemon is told when the pipeline has ended by itself."""
        return Ending()

    @abstractmethod
    def processors(self, link: Link) -> list[FrameProcessor]:
        """The pipeline, from ``link.input`` to ``link.barrier``."""

    async def started(self, worker: PipelineWorker) -> None:  # noqa: B027 - nothing to do is a fine default
        """Called once, when the pipeline runs: the time to greet."""

    async def closed(self) -> None:  # noqa: B027 - the same
        """Called once, after the pipeline has ended: the time to give resources back."""
