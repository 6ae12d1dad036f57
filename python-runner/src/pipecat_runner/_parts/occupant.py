"""A service between the two ends by which a seat gives it frames and gets them back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pipecat.frames.frames import (
    DataFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    ServiceUpdateSettingsFrame,
    SystemFrame,
)
from pipecat.pipeline.pipeline import PipelineSink, PipelineSource
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.llm_service import LLMService

from pipecat_runner._parts.watch import Again

# A service drops what it does within a few ms; one that is busy with a dead connection is not waited for.
_SILENCE_SECS = 1.0


@dataclass
class Finish(DataFrame):
    """Comes out of a service when it has done all that it was given before."""

    interruptible: bool = field(default=False, init=False)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False, slots=True)
class _Passing:
    """A frame on its way through the seat; of the services it was given to the first one lets it out."""

    frame: Frame
    direction: FrameDirection
    out: bool = False


class Occupant:
    """One service of a seat.

    Attributes:
        key: Its key in the seat.
        service: It.
        started: It has started.
        ended: It has taken note of the call's end.
        silent: It was silenced: nothing of its own is to leave until it is given something again.
        error: The first error it reported without having the seat.
    """

    def __init__(
        self,
        key: str,
        service: FrameProcessor,
        leave: Callable[[Occupant, Frame, FrameDirection], Awaitable[None]],
    ) -> None:
        """Connect a service.

        Args:
            key: Its key.
            service: It.
            leave: Given whatever it pushes.
        """
        self.key = key
        self.service = service
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.silent = False
        self.error: ErrorFrame | None = None
        self._quietly: dict[int, asyncio.Event | None] = {}
        self._passing: dict[int, _Passing] = {}

        async def out(frame: Frame, direction: FrameDirection) -> None:
            await leave(self, frame, direction)

        self._entry = PipelineSource(out, name=f"{service.name}::in")
        self._exit = PipelineSink(out, name=f"{service.name}::out")
        self._entry.link(service)
        service.link(self._exit)

    @property
    def parts(self) -> list[FrameProcessor]:
        """What has to be set up and cleaned up."""
        return [self._entry, self.service, self._exit]

    async def take(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        """Be given a frame."""
        await (self._entry if direction is FrameDirection.DOWNSTREAM else self._exit).queue_frame(frame, direction)

    async def pass_on(self, frame: Frame, direction: FrameDirection) -> None:
        """Be given a frame as the one that has the seat."""
        if isinstance(frame, SystemFrame):
            self._passing[frame.id] = _Passing(frame, direction)
        await self.take(frame, direction)

    async def take_settings(self, frame: ServiceUpdateSettingsFrame) -> None:
        """Be given settings, if they are for this service though it does not have the seat."""
        if frame.service is self.service or (frame.service is None and frame.reach_inactive_services):
            await self.take(frame)

    async def hand(self, frames: list[Again]) -> None:
        """Be given what another one had, or itself before it was silenced."""
        self.silent = False
        for entry in frames:
            if entry.quietly:
                self._quietly[entry.frame.id] = None
            await self.take(entry.frame, entry.direction)

    async def take_over(self, before: Occupant, frames: list[Again]) -> None:
        """Be given what another one had, and the system frames that are still in it.

        It may be rid of them late, or never: they leave once, by whoever is first.
        """
        inside = {key: passing for key, passing in before._passing.items() if not passing.out}
        again = {entry.frame.id for entry in frames}
        for key in sorted(inside, key=again.__contains__):
            # Those given again come behind the others, as they are given below.
            if key not in self._passing:
                self._passing[key] = inside[key]
                if key not in again:
                    await self.take(inside[key].frame, inside[key].direction)
        await self.hand(frames)

    def keeps(self, frame: Frame) -> bool:
        """Whether a frame that comes out has done so before, or was only meant for the service."""
        if (passing := self._passing.get(frame.id)) is not None and passing.out:
            self._forget_until(frame)
            return True
        if frame.id not in self._quietly:
            return False
        if (event := self._quietly.pop(frame.id)) is not None:
            event.set()
        return True

    def lets_pass(self, frame: Frame) -> bool:
        """Whether a frame that comes out was given to it on its way through the seat."""
        if (passing := self._passing.get(frame.id)) is None:
            return False
        passing.out = True
        self._forget_until(frame)
        return True

    def _forget_until(self, frame: Frame) -> None:
        # System frames do not overtake each other; those before this one the service has kept for itself.
        while self._passing:
            key = next(iter(self._passing))
            del self._passing[key]
            if key == frame.id:
                return

    async def silence(self) -> None:
        """Drop what it does. Until it is given something again, nothing of its own leaves."""
        self.silent = True
        if isinstance(self.service, LLMService):
            # As an interruption would, but the tools it has called go on.
            await self.service._start_interruption()
            await self.service.stop_all_metrics()
            return
        interruption = InterruptionFrame()
        dropped = self._quietly[interruption.id] = asyncio.Event()
        await self.take(interruption)
        try:
            async with asyncio.timeout(_SILENCE_SECS):
                await dropped.wait()
        except TimeoutError:
            self._quietly[interruption.id] = None
