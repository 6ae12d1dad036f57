"""The conversation as the model has it, told to the daemon as it grows, so that a replacement can begin with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Protocol, cast

from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.processors.aggregators.llm_context import NOT_GIVEN, LLMContext, LLMContextMessage

from pipecat_runner._parts.history import is_opening

# Bytes of JSON. The link takes 1 MiB at a time, and few models take a message of 64 KiB.
_MAX_MESSAGE = 64 * 1024
_MAX_TOLD = 512 * 1024
_CUT = " [cut: too long to be kept]"

_KEYS = ("role", "content", "tool_calls", "tool_call_id")


class Listener(Protocol):
    """Takes messages for the daemon."""

    async def tell(self, kind: str, data: dict[str, Any]) -> object:
        """Take one; never two at a time."""


class ToldContext(LLMContext):
    """A context that tells each change. Belongs to the event loop.

    Attributes:
        member: Who of a team has the call; told with each change.
    """

    def __init__(self, messages: list[Any], tools: ToolsSchema | None = None) -> None:
        """Begin with messages; nothing is told before :meth:`follow`."""
        super().__init__(messages, tools if tools is not None else NOT_GIVEN)
        self.member: str | None = None
        self._changed = asyncio.Event()
        self._told: list[tuple[dict[str, Any], object]] = []
        self._teller: asyncio.Task[None] | None = None

    def follow(self, listener: Listener) -> None:
        """Tell what is there, and from now on what changes."""
        self._changed.set()
        self._teller = asyncio.create_task(self._tell_changes(listener), name="context")

    async def close(self) -> None:
        """Stop telling."""
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.gather(self._teller, return_exceptions=True)

    # -- whatever changes the messages, or hands them out to be changed

    def add_message(self, message: LLMContextMessage) -> None:
        """Append a message."""
        super().add_message(message)
        self._changed.set()

    def add_messages(self, messages: list[LLMContextMessage]) -> None:
        """Append messages."""
        super().add_messages(messages)
        self._changed.set()

    def set_messages(self, messages: list[LLMContextMessage]) -> None:
        """Replace all messages."""
        super().set_messages(messages)
        self._changed.set()

    def get_messages(
        self, llm_specific_filter: str | None = None, *, truncate_large_values: bool = False
    ) -> list[LLMContextMessage]:
        """The messages. A tool's result is written into the message that holds its place."""
        self._changed.set()
        return super().get_messages(llm_specific_filter, truncate_large_values=truncate_large_values)

    # -- telling

    async def _tell_changes(self, listener: Listener) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            messages = [plain for m in self._messages if isinstance(plain := cast(Any, m), dict) and not is_opening(m)]
            first = self._first_change(messages)
            if first is None:
                continue
            self._told[first:] = [(message, message.get("content")) for message in messages[first:]]
            for start, batch in _batches(first, messages[first:]):
                told: dict[str, Any] = {"from": start, "messages": batch}
                await listener.tell("context", {**told, "member": self.member} if self.member else told)

    def _first_change(self, messages: list[dict[str, Any]]) -> int | None:
        for at, (message, (known, content)) in enumerate(zip(messages, self._told, strict=False)):
            if message is not known or message.get("content") is not content:
                return at
        return None if len(messages) == len(self._told) else min(len(messages), len(self._told))


def _batches(start: int, messages: list[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Messages in portions that the link takes. No messages are one empty portion: what was there is gone."""
    batch: list[dict[str, Any]] = []
    size = 0
    for at, message in enumerate(messages, start):
        plain = {key: message[key] for key in _KEYS if message.get(key) is not None}
        plain, length = _bounded(plain)
        if batch and size + length > _MAX_TOLD:
            yield at - len(batch), batch
            batch, size = [], 0
        batch.append(plain)
        size += length
    yield start + len(messages) - len(batch), batch


def _bounded(message: dict[str, Any]) -> tuple[dict[str, Any], int]:
    size = len(json.dumps(message))
    if size <= _MAX_MESSAGE:
        return message, size
    content = message.get("content")
    text = content if isinstance(content, str) else json.dumps(content or "")
    # Without what cannot be cut, such as the arguments of a call: half of one is no JSON.
    kept = {key: value for key, value in message.items() if key in ("role", "tool_call_id")}
    room = _MAX_MESSAGE - len(json.dumps({**kept, "content": _CUT}))
    while (over := len(json.dumps(text)) - room) > 0:
        # A character is at most twelve bytes of JSON.
        text = text[: min(len(text) - 1, max(len(text) - over, len(text) * room // (over + room)))]
    kept["content"] = text + _CUT
    return kept, len(json.dumps(kept))
