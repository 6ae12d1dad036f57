"""Calls that the daemon carries out."""

from __future__ import annotations

import json
from typing import Any

import httpx

from pipecat_runner._schema import LinkConfig
from pipecat_runner._tools.results import Result, failed, succeeded

#: How long the daemon may take when the tool does not say.
TOOL_SECS = 30.0
#: The daemon answers at its own deadline, with a better message; this one is for a daemon that does not answer.
GRACE_SECS = 2.0
# What a model is told is cut far below; this is so that nothing else can be sent either.
_MAX_ANSWER_BYTES = 8 << 20


class DaemonTools:
    """The daemon's tools endpoint, for one call. Belongs to the event loop."""

    def __init__(self, link: LinkConfig) -> None:
        """Take where it is."""
        self.url = link.tools_url
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {link.token.get_secret_value()}"},
            trust_env=False,
            timeout=None,  # noqa: S113 - each call has its own
        )

    async def call(self, call_id: str, name: str, arguments: dict[str, Any]) -> Result:
        """Have a call carried out. There is no deadline here; cancelling gives the request up.

        Args:
            call_id: Unique in the conversation; the daemon takes a repeated id for a repeated call.
            name: The tool's, as the daemon knows it.
            arguments: What it is called with.
        """
        function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
        body = {"id": call_id, "type": "function", "function": function}
        try:
            async with self._client.stream("POST", self.url or "", json=body) as response:
                content = bytearray()
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > _MAX_ANSWER_BYTES:
                        return failed(f"the result is larger than {_MAX_ANSWER_BYTES >> 20} MiB")
            answer = json.loads(content) if response.is_success else None
        except httpx.HTTPError as e:
            return failed(f"the tool cannot be reached ({type(e).__name__})")
        except ValueError:
            return failed("the answer is not JSON")
        if not isinstance(answer, dict):
            return failed(f"the tool answered HTTP {response.status_code}")
        if answer.get("result") != "success":
            return failed(str(answer.get("message") or "the tool failed"))
        data = answer.get("data")
        return succeeded(answer.get("message") if data is None else data)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
