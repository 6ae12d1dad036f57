"""Makes the ids of tool calls unique in a conversation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from pipecat.frames.frames import FunctionCallFromLLM
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.llm_service import LLMService

# By conversation, because several services may take part in one.
_used: WeakKeyDictionary[LLMContext, set[str]] = WeakKeyDictionary()


class UniqueCallIds(LLMService):
    """Goes in front of a service class: ``class Model(UniqueCallIds, SomeLLMService)``.

    Some servers number the calls of each answer anew or give them no id. Then one result would be written over another,
    and the daemon would take the second call for a repetition of the first.
    """

    async def run_function_calls(self, function_calls: Sequence[FunctionCallFromLLM]) -> None:
        """Give each call whose id was there before another one."""
        calls = []
        for call in function_calls:
            used = _used.setdefault(call.context, set())
            given = call.tool_call_id or "call"
            unique = given if call.tool_call_id and given not in used else f"{given}-{uuid.uuid4().hex[:8]}"
            used.add(unique)
            calls.append(replace(call, tool_call_id=unique))
        await super().run_function_calls(calls)
