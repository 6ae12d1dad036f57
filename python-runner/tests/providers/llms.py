"""Every provider of language models with a server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.bedrock import BedrockServer
from tests.providers.servers.gemini import GeminiServer
from tests.providers.servers.openai import OpenAiServer
from tests.providers.servers.streaming import Received, StreamingServer

KEY = "key-of-nobody"

# What OpenAI's protocol makes of SETTINGS.
_OPENAI_WIRE = {
    "temperature": 0.5,
    "max_tokens": 50,
    "top_p": 0.9,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "seed": 7,
}
_LONGEST = {**_OPENAI_WIRE, "max_completion_tokens": 50}
del _LONGEST["max_tokens"]


def _bearer(request: Received) -> str | None:
    return request.headers.get("authorization", "").removeprefix("Bearer ") or None


def _header(name: str, request: Received) -> str | None:
    return request.headers.get(name)


def _signed(request: Received) -> str | None:
    return KEY if "Credential=AKIDNOBODY/" in request.headers.get("authorization", "") else None


@dataclass(frozen=True)
class Vendor:
    """One provider.

    Attributes:
        server: Makes its server.
        model: A model.
        path: Where the request goes.
        wire: What is to be found in the body when every parameter is given that the provider takes.
        under: The field of the body that holds them.
        key_of: The key a request carries.
    """

    server: Callable[[], StreamingServer]
    model: str
    path: str = "/v1/chat/completions"
    wire: dict[str, Any] = field(default_factory=lambda: _OPENAI_WIRE)
    under: str | None = None
    key_of: Callable[[Received], str | None] = _bearer

    def parameters(self, body: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a request's body."""
        held = body[self.under] if self.under else body
        return {name: held.get(name) for name in self.wire}


VENDORS: dict[str, Vendor] = {
    "openai": Vendor(OpenAiServer, "gpt-4.1", wire=_LONGEST),
    "anthropic": Vendor(
        AnthropicServer,
        "claude-sonnet-4-6",
        "/v1/messages?beta=true",
        wire={"temperature": 0.5, "max_tokens": 50, "top_p": 0.9},
        key_of=partial(_header, "x-api-key"),
    ),
    "gemini": Vendor(
        GeminiServer,
        "gemini-3.6-flash",
        "/v1beta/models/gemini-3.6-flash:streamGenerateContent?alt=sse",
        wire={
            "temperature": 0.5,
            "maxOutputTokens": 50,
            "topP": 0.9,
            "frequencyPenalty": 0.1,
            "presencePenalty": 0.2,
            "seed": 7,
        },
        under="generationConfig",
        key_of=partial(_header, "x-goog-api-key"),
    ),
    "grok": Vendor(partial(OpenAiServer, "grok"), "grok-4.20-non-reasoning"),
    "azure": Vendor(
        partial(OpenAiServer, "azure"),
        "my-deployment",
        "/openai/deployments/my-deployment/chat/completions?api-version=2025-04-01-preview",
        wire=_LONGEST,
        key_of=partial(_header, "api-key"),
    ),
    "groq": Vendor(partial(OpenAiServer, "groq"), "openai/gpt-oss-120b"),
    "mistral": Vendor(
        partial(OpenAiServer, "mistral"),
        "mistral-small-latest",
        wire={**{name: value for name, value in _OPENAI_WIRE.items() if name != "seed"}, "random_seed": 7},
    ),
    "deepseek": Vendor(
        partial(OpenAiServer, "deepseek"),
        "deepseek-flash",
        wire={name: value for name, value in _OPENAI_WIRE.items() if name != "seed"},
    ),
    "openrouter": Vendor(partial(OpenAiServer, "openrouter"), "openai/gpt-4.1"),
    "ollama": Vendor(partial(OpenAiServer, "ollama"), "llama3.2"),
    "bedrock": Vendor(
        BedrockServer,
        "us.amazon.nova-lite-v1:0",
        "/model/us.amazon.nova-lite-v1%3A0/converse-stream",
        wire={"temperature": 0.5, "maxTokens": 50, "topP": 0.9},
        under="inferenceConfig",
        key_of=_signed,
    ),
    "openai_compatible": Vendor(OpenAiServer, "my-model"),
}


def llm(name: str, server: StreamingServer, **more: Any) -> dict[str, Any]:
    """The section ``llm`` of an agent."""
    return {"type": name, "model": VENDORS[name].model, "base_url": server.address, "api_key": KEY, **more}


@pytest.fixture(autouse=True)
def aws_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Bedrock needs beside its key; imported by the tests that use it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
