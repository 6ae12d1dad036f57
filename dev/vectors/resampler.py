"""Writes vectors/resampler: signals and what an independent resampler (libsoxr, "very high quality") makes of them.

Each input is 16-bit mono PCM of 0.24 s in three equal parts, each faded in and out: a chirp, five tones, and noise. All lie
within 0.05 to 0.82 of the Nyquist frequency of the lower rate; where the output rate is the lower one, two tones and noise
above 1.18 of it are added, which have to vanish. Between those bounds filters may differ, so nothing is put there.

Run from the repository root:

    python3 -m venv build/vectors-venv
    build/vectors-venv/bin/pip install numpy==2.4.6 scipy==1.17.1 soxr==1.1.0
    build/vectors-venv/bin/python dev/vectors/resampler.py
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
from scipy import signal

Samples = npt.NDArray[np.float64]
Pcm = npt.NDArray[np.int16]

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
ON_THE_LINE = (8000, 16000)
AWKWARD = ((11025, 32000), (32000, 11025), (44100, 48000), (48000, 44100))
SECONDS = 0.24
FADE_SECONDS = 0.025
PASS_EDGE = 0.82
STOP_EDGE = 1.18
HALF_SCALE = 16384.0
TARGET = Path("vectors/resampler")


def pairs() -> list[tuple[int, int]]:
    """The conversions a call can need, either way, and those with the longest tables."""
    lines = [(a, b) for a in RATES for b in RATES if a != b and (a in ON_THE_LINE or b in ON_THE_LINE)]
    return sorted({*lines, *AWKWARD})


def test_signal(in_hz: int, lower_hz: int) -> Pcm:
    """Chirp, tones, noise, peak at most -6 dBFS, rounded to 16 bits."""
    count = round(SECONDS / 3 * in_hz)
    time = np.arange(count) / in_hz
    nyquist = lower_hz / 2
    has_stop_band = STOP_EDGE * nyquist < 0.97 * in_hz / 2
    chirp = signal.chirp(time, 0.05 * nyquist, time[-1], 0.80 * nyquist)
    tones = sum(np.sin(2 * np.pi * ratio * nyquist * time + ratio) for ratio in (0.07, 0.23, 0.41, 0.66, 0.82))
    noise = band_noise(count, in_hz, 0.05 * nyquist, PASS_EDGE * nyquist)
    if has_stop_band:
        tones = tones + sum(
            np.sin(2 * np.pi * hz * time) for hz in (STOP_EDGE * nyquist, 0.5 * (STOP_EDGE * nyquist + in_hz / 2))
        )
        noise = noise + band_noise(count, in_hz, STOP_EDGE * nyquist, 0.97 * in_hz / 2)
    fade = signal.windows.tukey(count, 2 * FADE_SECONDS * in_hz / count)
    parts = [part / np.max(np.abs(part)) * fade for part in (chirp, tones, noise)]
    return to_pcm(np.concatenate(parts) * HALF_SCALE)


def band_noise(count: int, hz: int, low_hz: float, high_hz: float) -> Samples:
    """White noise with nothing outside the band, from a fixed seed."""
    spectrum = np.fft.rfft(np.random.default_rng(20).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / hz)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    noise: Samples = np.fft.irfft(spectrum, count)
    return noise


def to_pcm(samples: Samples) -> Pcm:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2")


def write(name: str, samples: Pcm) -> str:
    data = samples.astype("<i2").tobytes()
    (TARGET / name).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.pcm"):
        old.unlink()
    lines = ["in_hz,out_hz,input,output,input_sha256,output_sha256"]
    for in_hz, out_hz in pairs():
        lower_hz = min(in_hz, out_hz)
        source = test_signal(in_hz, lower_hz)
        reference = to_pcm(soxr.resample(source.astype(np.float64), in_hz, out_hz, quality="VHQ"))
        source_name = f"in-{in_hz}-below-{lower_hz // 2}.pcm"
        reference_name = f"out-{in_hz}-to-{out_hz}.pcm"
        hashes = write(source_name, source), write(reference_name, reference)
        lines.append(f"{in_hz},{out_hz},{source_name},{reference_name},{hashes[0]},{hashes[1]}")
    (TARGET / "manifest.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
