"""What a worker has counted since its last report."""

from __future__ import annotations

from typing import Any

# A report every half second carries some hundreds of samples when the worker is full.
_MOST = 20_000

Sample = tuple[str, float, dict[str, str]]


class Samples:
    """Collects. Belongs to the event loop."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._kept: list[Sample] = []
        self._lost = 0

    def add(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Count, or observe a value of, a metric of the table."""
        if len(self._kept) < _MOST:
            self._kept.append((name, value, labels))
        else:
            self._lost += 1

    def take(self) -> list[Any]:
        """All since the last time."""
        if self._lost:
            self._kept.append(("samples_lost", float(self._lost), {}))
        kept, self._kept, self._lost = self._kept, [], 0
        return kept
