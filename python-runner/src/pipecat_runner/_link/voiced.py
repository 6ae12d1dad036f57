"""Where the voice begins and ends inside a piece of synthesized audio."""

from __future__ import annotations

import numpy as np

# 10 ms blocks whose peak stays under -45 dBFS are silence: above the noise of neural voices, below any phoneme.
_BLOCK_SECS = 0.01
_SILENCE_PEAK = 184


class VoicedSpan:
    """Total length, leading silence and last voiced moment of 16-bit mono PCM fed piece by piece, in ms."""

    __slots__ = ("lead_ms", "total_ms", "voiced_until_ms")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.total_ms = 0.0
        self.lead_ms: float | None = None
        self.voiced_until_ms = 0.0

    def add(self, pcm: bytes, rate: int) -> None:
        """Append audio."""
        samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2")
        block = max(1, int(rate * _BLOCK_SECS))
        starts = np.arange(0, len(samples), block)
        if len(starts):
            # int32: the absolute value of -32768 does not fit into 16 bits.
            peaks = np.maximum.reduceat(np.abs(samples.astype(np.int32)), starts)
            voiced = np.flatnonzero(peaks > _SILENCE_PEAK)
            if len(voiced):
                if self.lead_ms is None:
                    self.lead_ms = self.total_ms + float(starts[voiced[0]]) * 1000 / rate
                end = min(int(starts[voiced[-1]]) + block, len(samples))
                self.voiced_until_ms = self.total_ms + end * 1000 / rate
        self.total_ms += len(samples) * 1000 / rate

    @property
    def voiced_ms(self) -> float:
        """From the first to the last voiced moment; 0 when all was silence."""
        return self.voiced_until_ms - self.lead_ms if self.lead_ms is not None else 0.0
