"""pipecat's OpenAI service, which leaves its connections open when a call ends, closing them."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI
from pipecat.services.openai.llm import OpenAILLMService


class ClosingOpenAILLM(OpenAILLMService):
    """Any server that speaks the OpenAI chat completions protocol."""

    def create_client(self, *args: Any, **kwargs: Any) -> AsyncOpenAI:
        """Make the client, and remember it."""
        client: AsyncOpenAI = super().create_client(*args, **kwargs)
        self._owned_client = client
        return client

    async def cleanup(self) -> None:
        """Close the client's connections."""
        await super().cleanup()
        await self._owned_client.close()
