"""Makes the ids of tool calls unique in a conversation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from pipecat.frames.frames import FunctionCallFromLLM
from pipecat.services.llm_service import LLMService


class UniqueCallIds(LLMService):
    """Goes in front of a service class: ``class Model(UniqueCallIds, SomeLLMService)``.

    Some servers number the calls of each answer anew or give them no id. Then one result would be written over another,
    and the daemon would take the second call for a repetition of the first.
    """

    _used_call_ids: set[str] | None = None

    async def run_function_calls(self, function_calls: Sequence[FunctionCallFromLLM]) -> None:
        """Give each call whose id was there before another one."""
        used = self._used_call_ids = self._used_call_ids if self._used_call_ids is not None else set()
        calls = []
        for call in function_calls:
            given = call.tool_call_id or "call"
            unique = given if call.tool_call_id and given not in used else f"{given}-{uuid.uuid4().hex[:8]}"
            used.add(unique)
            calls.append(replace(call, tool_call_id=unique))
        await super().run_function_calls(calls)
