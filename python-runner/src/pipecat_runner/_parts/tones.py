"""What is heard where nothing can be said."""

from __future__ import annotations

import numpy as np

_HZ = 350.0
_LEVEL_DBFS = -26.0
_BEEP_SECS = 0.18
_GAP_SECS = 0.12
_FADE_SECS = 0.02


def error_tone(rate: int) -> bytes:
    """Two short, soft beeps as 16-bit mono PCM at ``rate`` Hz: something went wrong, and the line is alive."""
    at = np.arange(int(rate * _BEEP_SECS)) / rate
    fade = np.minimum(1.0, np.minimum(at, at[::-1]) / _FADE_SECS)
    beep = np.sin(2 * np.pi * _HZ * at) * fade * 32767 * 10 ** (_LEVEL_DBFS / 20)
    gap = np.zeros(int(rate * _GAP_SECS))
    pcm: bytes = np.rint(np.concatenate([beep, gap, beep, gap])).astype("<i2").tobytes()
    return pcm
