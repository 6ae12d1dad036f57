"""faster-whisper for what is said on the telephone: seconds, not half minutes. Needs the extra ``offline``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

# Columns of the spectrogram, 10 ms each, that are heard at least, and as silence after the last sound. Telephone
# speech is understood as well as with the model's 30 s; with less than this, words begin to be repeated.
_LEAST_FRAMES = 1000
_SILENCE_FRAMES = 200


class ShortWhisperModel(WhisperModel):  # type: ignore[misc] # the package has no types
    """Encodes a segment at its own length.

    The model pads every segment to 30 s of spectrogram, and encoding that takes the same time for "yes" as for a
    story: most of the time until an answer. The encoder takes shorter input as well.
    """

    def encode(self, features: npt.NDArray[np.float32]) -> Any:
        """Encode a spectrogram (``[…, bands, frames]``) without most of the padding at its end."""
        return super().encode(np.ascontiguousarray(features[..., : needed_frames(features)]))


def needed_frames(features: npt.NDArray[np.float32]) -> int:
    """How many frames of a padded spectrogram are to be encoded. Padding is exactly zero, silence is not."""
    sounding = np.flatnonzero(np.any(features != 0, axis=-2).reshape(-1, features.shape[-1]).any(axis=0))
    used = int(sounding[-1]) + 1 if sounding.size else 0
    # The encoder halves the number of frames.
    even = -(-max(_LEAST_FRAMES, used + _SILENCE_FRAMES) // 2) * 2
    whole: int = features.shape[-1]
    return min(even, whole)
