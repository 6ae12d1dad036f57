"""What has gone into a service and not come out again."""

from __future__ import annotations

from pipecat.frames.frames import Frame, LLMConfigureOutputFrame, ServiceUpdateSettingsFrame, SystemFrame
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._parts.watch import Again

# System frames overtake all others, and settings are the service's own: nobody else is given them.
_NOT_KEPT = (SystemFrame, ServiceUpdateSettingsFrame, LLMConfigureOutputFrame)


def is_kept(frame: Frame) -> bool:
    """Whether a frame that does not come out of a service has to be given to the next."""
    return not isinstance(frame, _NOT_KEPT)


class Inside:
    """The frames in a service, in the order in which they went in."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._frames: dict[int, Again] = {}

    def enter(self, frame: Frame, direction: FrameDirection) -> None:
        """A frame goes in."""
        if is_kept(frame):
            self._frames[frame.id] = Again(frame, direction)

    def leave(self, frame: Frame) -> None:
        """It comes out, or what was to be done with it is done."""
        self._frames.pop(frame.id, None)

    def forget(self, kind: type[Frame]) -> None:
        """What was given of this kind is overtaken by the next of it."""
        self._frames = {key: entry for key, entry in self._frames.items() if not isinstance(entry.frame, kind)}

    def interrupt(self) -> None:
        """An interruption has thrown away what can be interrupted."""
        self._frames = {key: entry for key, entry in self._frames.items() if not entry.frame.interruptible}

    def again(self, *, same: bool) -> list[Again]:
        """What the next one is to be given.

        Args:
            same: It is the same service, which has kept what cannot be interrupted.
        """
        return [entry for entry in self._frames.values() if not same or entry.frame.interruptible]
