"""What waits until the caller has heard the audio before it."""

from __future__ import annotations

import bisect
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

# Contexts whose beginning is remembered. Speech of more than a few replies is never waiting at once.
_MAX_ANCHORS = 16
_NANOS = 1_000_000_000


class HeldQueue(Generic[T]):
    """Items with a place in the audio stream, released in order as the heard position passes them.

    There are two kinds. Most carry a stream position, the samples sent before them. *Timed* ones carry a time on the
    clock of the audio their TTS made, in nanoseconds, which becomes a stream position through the *anchor* of their
    context: the clock time and the stream position at which the context's audio began.
    """

    def __init__(self, rate: int) -> None:
        """Create an empty queue for a stream of ``rate`` samples a second."""
        self._rate = rate
        self._placed: deque[tuple[int, T]] = deque()
        self._timed: list[tuple[int, int, str | None, T]] = []
        self._anchors: dict[str | None, tuple[int, int]] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._placed) + len(self._timed)

    def hold(self, item: T, position: int) -> None:
        """Hold an item until ``position`` has been heard. Positions never go back."""
        self._placed.append((position, item))

    def hold_timed(self, item: T, time_ns: int, context: str | None) -> None:
        """Hold an item until the audio at ``time_ns`` is being heard."""
        self._count += 1
        bisect.insort(self._timed, (time_ns, self._count, context, item), key=lambda entry: entry[:2])

    def anchor(self, context: str | None, time_ns: int, position: int) -> None:
        """Note that a context's audio, which began at ``time_ns`` on its clock, begins at ``position``."""
        self._anchors[context] = (time_ns, position)
        while len(self._anchors) > _MAX_ANCHORS:
            del self._anchors[next(iter(self._anchors))]

    def move(self, samples: int) -> None:
        """Let everything wait for a position ``samples`` later: the audio before it is sent once more."""
        self._placed = deque((position + samples, item) for position, item in self._placed)
        self._anchors = {context: (time_ns, at + samples) for context, (time_ns, at) in self._anchors.items()}

    def pop_due(self, heard: int) -> T | None:
        """Take the next item whose place has been heard, or None.

        A placed item goes before a timed one at the same position: bot-started-speaking before the first word.
        """
        placed = self._placed[0][0] if self._placed else None
        timed = self._next_timed_position()
        if timed is not None and timed < heard and (placed is None or timed + 1 < placed):
            return self._timed.pop(0)[3]
        if placed is not None and placed <= heard:
            return self._placed.popleft()[1]
        return None

    def clear(self) -> list[T]:
        """Forget everything; answers the placed items, which the caller may still want to deliver."""
        rest = [item for _, item in self._placed]
        self._placed.clear()
        self.clear_timed()
        return rest

    def clear_timed(self) -> None:
        """Forget the timed items and their anchors."""
        self._timed.clear()
        self._anchors.clear()

    def _next_timed_position(self) -> int | None:
        if not self._timed:
            return None
        time_ns, _, context, _ = self._timed[0]
        anchor = self._anchors.get(context) if context is not None else None
        if anchor is None and context is None:
            anchor = max((a for a in self._anchors.values() if a[0] <= time_ns), default=None)
        if anchor is None:
            return None
        return anchor[1] + (time_ns - anchor[0]) * self._rate // _NANOS
