"""The functions a language model may call: by HTTP to the daemon, or built in."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from typing import Any

import httpx
from loguru import logger
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import FunctionCallResultProperties
from pipecat.services.llm_service import FunctionCallParams, LLMService

from pipecat_runner._agent import ToolConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._parts.call_end import CallEnd, Ending
from pipecat_runner._schema import LinkConfig

_TOOL_SECS = 30.0
# The daemon answers at its own deadline, with a better message; this one is for a daemon that does not answer.
_GRACE_SECS = 2.0


class Tools:
    """The tools of one call."""

    def __init__(self, tools: Sequence[ToolConfig], link: LinkConfig, call_end: CallEnd) -> None:
        """Take the tools of a request.

        Args:
            tools: What the model may call.
            link: Where the daemon takes the calls that are not built in.
            call_end: What ``hang_up`` asks.

        Raises:
            BadConfiguration: Two have the same name, or there is nowhere to send their calls.
        """
        names = [tool.name for tool in tools]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadConfiguration(f"tools: these names are not unique: {', '.join(twice)}")
        if link.tools_url is None and any(tool.builtin is None for tool in tools):
            raise BadConfiguration("link.tools_url: missing, but there are tools whose calls go to the daemon")
        self._tools = {tool.name: tool for tool in tools}
        self._url = link.tools_url or ""
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {link.token.get_secret_value()}"}, trust_env=False
        )
        self._call_end = call_end
        self._used_ids: set[str] = set()

    def schema(self) -> ToolsSchema | None:
        """What the language model is told; None without tools."""
        if not self._tools:
            return None
        return ToolsSchema(standard_tools=[_function(tool) for tool in self._tools.values()])

    def given_to(self, llm: LLMService[Any]) -> LLMService[Any]:
        """Make the tools callable for a model, one of several that may have the call; returns it."""
        for tool in self._tools.values():
            if tool.builtin == "hang_up":
                llm.register_function(tool.name, self._hang_up)
            else:
                timeout = (tool.timeout_secs or _TOOL_SECS) + 2 * _GRACE_SECS
                llm.register_function(tool.name, self._call, timeout_secs=timeout)
        return llm

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _call(self, params: FunctionCallParams) -> None:
        tool = self._tools[params.function_name]
        call_id = self._unique(params.tool_call_id)
        result = await self._post(call_id, tool, json.dumps(dict(params.arguments)))
        if result["status"] != "ok":
            logger.warning("tool {} failed, call {}", tool.name, call_id)
        await params.result_callback(result, properties=FunctionCallResultProperties(run_llm=tool.run_llm))

    async def _post(self, call_id: str, tool: ToolConfig, arguments: str) -> dict[str, Any]:
        body = {"id": call_id, "type": "function", "function": {"name": tool.name, "arguments": arguments}}
        timeout = (tool.timeout_secs or _TOOL_SECS) + _GRACE_SECS
        try:
            async with asyncio.timeout(timeout):
                response = await self._client.post(self._url, json=body, timeout=None)
            answer = response.json() if response.is_success else None
        except TimeoutError:
            return _error(f"no answer within {timeout:g} s")
        except httpx.HTTPError as e:
            return _error(f"the tool cannot be reached ({type(e).__name__})")
        except ValueError:
            return _error("the answer is not JSON")
        if not isinstance(answer, dict):
            return _error(f"the tool answered HTTP {response.status_code}")
        if answer.get("result") != "success":
            return _error(str(answer.get("message") or "the tool failed"))
        data = answer.get("data")
        return {"status": "ok", "data": answer.get("message") if data is None else data}

    async def _hang_up(self, params: FunctionCallParams) -> None:
        await params.result_callback({"status": "ok"}, properties=FunctionCallResultProperties(run_llm=False))
        await self._call_end.end(params.pipeline_worker, Ending())

    def _unique(self, call_id: str) -> str:
        # Some servers number the calls of each answer anew, and the daemon takes a repeated id for a repeated call.
        unique = call_id if call_id and call_id not in self._used_ids else f"{call_id or 'call'}-{uuid.uuid4().hex[:8]}"
        self._used_ids.add(unique)
        return unique


def _function(tool: ToolConfig) -> FunctionSchema:
    return FunctionSchema(
        name=tool.name,
        description=tool.description,
        properties=tool.parameters.get("properties", {}),
        required=tool.parameters.get("required", []),
    )


def _error(message: str) -> dict[str, Any]:
    return {"status": "error", "error": message}
