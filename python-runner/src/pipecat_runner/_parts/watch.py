"""What a seat asks and tells while frames go in and out."""

from __future__ import annotations

from dataclasses import dataclass

from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.processors.frame_processor import FrameDirection


class NotSeated(Exception):
    """The service that was to take the seat cannot be made or does not start; the one before it still has it."""

    def __init__(self, key: str, why: str, error: ErrorFrame | None = None, cause: Exception | None = None) -> None:
        """Say who and why.

        Args:
            key: The service's key.
            why: For the log; holds no secret.
            error: What it reported itself.
            cause: What making it raised.
        """
        super().__init__(f"{key}: {why}")
        self.error = error
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Again:
    """A frame the one before had, for the one that takes over.

    Attributes:
        frame: It.
        direction: Its way.
        quietly: It has left the seat before and must not leave it a second time.
    """

    frame: Frame
    direction: FrameDirection = FrameDirection.DOWNSTREAM
    quietly: bool = False


class Watch:
    """Sees what goes in and out of a seat, on the seat's own way: it must be quick. This one lets everything pass."""

    async def enters(self, frame: Frame, direction: FrameDirection) -> bool:  # noqa: ARG002
        """Whether a frame may go to whoever has the seat."""
        return True

    async def leaves(self, frame: Frame, direction: FrameDirection) -> bool:  # noqa: ARG002
        """Whether what came from whoever has the seat may go on."""
        return True

    async def fails(self, error: ErrorFrame) -> bool:  # noqa: ARG002
        """Whether an error of whoever has the seat may go on, which may end the call."""
        return True

    def again(self, *, same: bool) -> list[Again]:  # noqa: ARG002
        """What is given first, in order, to the next one when the one before it did not finish.

        Args:
            same: It is the same one, silenced; what cannot be interrupted it still has.
        """
        return []

    async def close(self) -> None:
        """The call is over: leave no task behind."""
