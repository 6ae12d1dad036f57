"""The tones of telephone keys, as audio: Asterisk takes keys over AudioSocket in no other form."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from pipecat_runner._errors import BadConfiguration

#: JSON schema of what ``send_dtmf`` is called with.
PARAMETERS = {
    "type": "object",
    "properties": {
        "digits": {
            "type": "string",
            "pattern": "^[0-9*#A-Da-dw]{1,32}$",
            "description": "The keys in their order, 0-9 * # A-D; w waits for half a second.",
        }
    },
    "required": ["digits"],
}

# ITU-T Q.23: the two frequencies of each key, in Hz.
_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
# 100 ms of tone and as much of silence, as Asterisk sends them; Q.24 asks for 40 ms of each.
_TONE_SECS = 0.1
_PAUSE_SECS = 0.5
# -9 dBFS for each of the two: together -6 dBFS, well below what would be cut off, and without a twist.
_AMPLITUDE = 0.355 * 32767
# Hard edges click, and a click is energy where a detector expects none.
_RAMP_SECS = 0.005

_DIGITS = re.compile(r"[0-9*#A-Dw]{1,32}")


def keys_of(digits: object) -> str:
    """The keys to play.

    Raises:
        ValueError: There are none, too many, or some that no telephone has.
    """
    keys = str(digits).strip().upper().replace("W", "w") if isinstance(digits, str | int) else ""
    if not _DIGITS.fullmatch(keys):
        raise ValueError("digits must be 1 to 32 of 0-9, *, #, A-D and w")
    return keys


def tones(keys: str, rate: int) -> Iterator[bytes]:
    """For each key its tone and the silence after it, 16-bit mono PCM at ``rate`` Hz."""
    for key in keys:
        if key == "w":
            yield bytes(2 * round(_PAUSE_SECS * rate))
            continue
        row = next(i for i, keys_of_row in enumerate(_KEYS) if key in keys_of_row)
        column = _KEYS[row].index(key)
        time = np.arange(round(_TONE_SECS * rate)) / rate
        wave = np.sin(2 * np.pi * _LOW[row] * time) + np.sin(2 * np.pi * _HIGH[column] * time)
        ramp = np.minimum(1.0, np.minimum(time, time[::-1]) / _RAMP_SECS)
        yield (_AMPLITUDE * wave * ramp).astype("<i2").tobytes() + bytes(2 * len(time))


def check_parameters(properties: object, where: str) -> None:
    """Refuse a schema of its own that leaves the keys out.

    Raises:
        BadConfiguration: It has no ``digits``.
    """
    if not isinstance(properties, dict) or "digits" not in properties:
        raise BadConfiguration(f"{where}: send_dtmf is called with digits; describe them, or leave parameters out")
