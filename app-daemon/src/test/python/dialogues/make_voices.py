"""Writes what the callers of the dialogues say, as 8 kHz WAV files: ``python dialogues/make_voices.py``.

Piper says a sentence differently each time, and a recogniser sometimes takes a word for another: here each is said
until Whisper, which is the recogniser of the dialogues, understands it word for word over the telephone's band. The
files are committed, so that a dialogue hears the same sound in every run. Needs python-runner's extra ``offline``.
"""

from __future__ import annotations

import asyncio
import re
import wave
from pathlib import Path

import numpy as np
import soxr
from pipecat_runner._speech.local import LocalSpeech

VOICES = Path(__file__).parent / "voices"
RATE = 8_000
TRIES = 20

SENTENCES = {
    "balance": "I want to know my account balance.",
    "weather": "How is the weather today?",
    "story": "Please tell me a long story.",
    "stop": "Stop, that is enough.",
    "bill": "I have a question about my bill.",
    "colleague": "Please put me through to a colleague.",
    "goodbye": "Thank you very much and goodbye.",
    "okay": "Okay.",
    "name": "My name is Peter Miller.",
    "table": "I need a table for four people.",
    "hello": "Hello, can you hear me?",
    "phone": "I would like to buy a new phone.",
    "reception": "Please take me back to the reception.",
    "order": "Please look up my last order.",
}


def words(text: str) -> list[str]:
    """What counts in a comparison."""
    return re.sub(r"[^a-z0-9 ]", "", text.lower().replace("4", "four")).split()


async def main() -> None:
    """Write those that are not there."""
    speech = LocalSpeech()
    piper, rate = speech.piper(None)
    whisper = speech.whisper(None)
    VOICES.mkdir(exist_ok=True)
    for name, sentence in SENTENCES.items():
        file = VOICES / f"{name}.wav"
        if file.exists():
            continue
        for _ in range(TRIES):
            pcm = b"".join([piece async for piece in piper.speak(sentence)])
            narrow = soxr.resample(np.frombuffer(pcm, dtype="<i2"), rate, RATE).astype("<i2").tobytes()
            heard = await whisper.transcribe(narrow, RATE, "en")
            if words(heard) == words(sentence):
                break
        else:
            raise SystemExit(f"{name}: Whisper understands {heard!r} instead of {sentence!r}; choose other words")
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(narrow)
        print(f"{name}: {len(narrow) / 2 / RATE:.1f} s")  # noqa: T201 - for a person
    await speech.close()


if __name__ == "__main__":
    asyncio.run(main())
