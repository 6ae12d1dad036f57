"""What has gone into a service and not come out again."""

from __future__ import annotations

from pipecat.frames.frames import Frame, SystemFrame
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._parts.watch import Again


class Inside:
    """The frames in a service, in the order in which they went in. System frames overtake and are not kept."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._frames: dict[int, Again] = {}

    def enter(self, frame: Frame, direction: FrameDirection) -> None:
        """A frame goes in."""
        if not isinstance(frame, SystemFrame):
            self._frames[frame.id] = Again(frame, direction)

    def leave(self, frame: Frame) -> None:
        """It comes out, or what was to be done with it is done."""
        self._frames.pop(frame.id, None)

    def interrupt(self) -> None:
        """An interruption has thrown away what can be interrupted."""
        self._frames = {key: entry for key, entry in self._frames.items() if not entry.frame.interruptible}

    def again(self, *, same: bool) -> list[Again]:
        """What the next one is to be given.

        Args:
            same: It is the same service, which has kept what cannot be interrupted.
        """
        return [entry for entry in self._frames.values() if not same or entry.frame.interruptible]
