"""Language models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipecat.services.llm_service import LLMService

from pipecat_runner._agent import LlmConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.table import Provider, prepare
from pipecat_runner._speech.local import LocalSpeech

Llm = LLMService[Any]

# The OpenAI client refuses to be made without a key; servers of one's own do not look at it.
_NO_KEY = "none"


def _openai(config: LlmConfig, _: LocalSpeech) -> Llm:
    from pipecat_runner._providers.openai_llm import ClosingOpenAILLM

    given: dict[str, Any] = {
        name: value
        for name, value in {
            "model": config.model,
            "system_instruction": config.instruction,
            "temperature": config.temperature,
            "max_tokens": config.max_tokens,
        }.items()
        if value is not None
    }
    return ClosingOpenAILLM(
        api_key=config.api_key.get_secret_value() if config.api_key else _NO_KEY,
        base_url=config.base_url,
        settings=ClosingOpenAILLM.Settings(**given),
    )


def _openai_compatible(config: LlmConfig, speech: LocalSpeech) -> Llm:
    if config.base_url is None:
        raise BadConfiguration(
            "agent.llm.base_url: openai_compatible needs the server's address, e.g. http://host:8000/v1"
        )
    if config.model is None:
        raise BadConfiguration("agent.llm.model: openai_compatible needs the name of a model the server has")
    return _openai(config, speech)


def _grok(config: LlmConfig, speech: LocalSpeech) -> Llm:
    # xAI's own address; its protocol is OpenAI's.
    return _openai(config.model_copy(update={"base_url": config.base_url or "https://api.x.ai/v1"}), speech)


PROVIDERS: Mapping[str, Provider[LlmConfig, Llm]] = {
    "openai": Provider(_openai, key_variable="OPENAI_API_KEY", address_variable="OPENAI_BASE_URL"),
    "openai_compatible": Provider(_openai_compatible),
    "grok": Provider(_grok, key_variable="XAI_API_KEY", address_variable="XAI_BASE_URL"),
}


def key_variables() -> Mapping[str, str | None]:
    """For each provider the environment variable that usually holds its key."""
    return {name: provider.key_variable for name, provider in PROVIDERS.items()}


def build_llm(config: LlmConfig, speech: LocalSpeech, where: str = "agent.llm") -> Llm:
    """Make the language model of a configuration.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)
