"""Sentences that no model made."""

from __future__ import annotations

from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSSpeakFrame,
)


def saying(text: str, *, spoken: bool) -> list[Frame]:
    """Frames that say a sentence and make it the assistant's in the conversation, as far as it is heard.

    Args:
        text: What to say.
        spoken: Whether there is a voice; without one the text itself is what arrives.
    """
    if spoken:
        return [TTSSpeakFrame(text)]
    return [LLMFullResponseStartFrame(), LLMTextFrame(text), LLMFullResponseEndFrame()]
