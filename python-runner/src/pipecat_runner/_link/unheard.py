"""The audio on its way to the caller's ear."""

from __future__ import annotations

from collections import deque


class Unheard:
    """Keeps 16-bit mono audio that was sent and not heard. Positions are samples; pure and not thread-safe."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: deque[tuple[int, bytes]] = deque()

    def add(self, pcm: bytes, position: int) -> None:
        """Enter audio that begins at ``position``, which is not before any entered so far."""
        self._pieces.append((position, pcm))

    def forget_until(self, position: int) -> None:
        """Forget what ends at ``position`` or before."""
        while self._pieces and self._pieces[0][0] + len(self._pieces[0][1]) // 2 <= position:
            self._pieces.popleft()

    def after(self, position: int) -> bytes:
        """What was entered and begins at ``position`` or later, and the rest of what is under it."""
        return b"".join(pcm[max(0, position - start) * 2 :] for start, pcm in self._pieces)
