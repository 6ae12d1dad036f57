"""Sentences that no model made."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from pipecat.frames.frames import (
    DataFrame,
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


@dataclass
class Unsay(DataFrame):
    """Asks to take back what was given since the last answer began, if nothing of it was spoken yet."""

    interruptible: bool = field(default=False, init=False)
    unsaid: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
