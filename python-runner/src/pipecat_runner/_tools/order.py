"""Keeps the messages of tools where models accept them."""

from __future__ import annotations

from typing import Any

from pipecat.frames.frames import Frame, FunctionCallInProgressFrame, LLMAssistantPushAggregationFrame, LLMContextFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


class ToolOrder(FrameProcessor):
    """Stands before the assistant's aggregator.

    A sentence reaches the conversation when it was heard, and a call when it was made: what the model said before it
    called, or what was said while the call ran, comes behind the call and its result. Several models refuse to be asked
    when the last word is the assistant's own. So what was said moves before the call, which is where it was said.
    """

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Commit what was heard before a call, and put a conversation in order before the model is asked."""
        await super().process_frame(frame, direction)
        if isinstance(frame, FunctionCallInProgressFrame) and direction is FrameDirection.DOWNSTREAM:
            await self.push_frame(LLMAssistantPushAggregationFrame())
        elif isinstance(frame, LLMContextFrame) and direction is FrameDirection.UPSTREAM:
            frame.context.transform_messages(said_before_called)
        await self.push_frame(frame, direction)


def said_before_called(messages: list[Any]) -> list[Any]:
    """The messages, with what the assistant said last moved before the calls whose results it follows."""
    said = len(messages)
    while said and _is_said(messages[said - 1]):
        said -= 1
    calls = said
    while calls and _is_of_a_call(messages[calls - 1]):
        calls -= 1
    if calls == said:
        return messages
    return [*messages[:calls], *messages[said:], *messages[calls:said]]


def _is_said(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant" and not message.get("tool_calls")


def _is_of_a_call(message: Any) -> bool:
    return isinstance(message, dict) and (message.get("role") == "tool" or bool(message.get("tool_calls")))
