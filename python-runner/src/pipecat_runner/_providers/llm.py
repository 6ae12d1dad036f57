"""Language models."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipecat_runner._agent import LlmConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.llm_services import (
    PARAMETERS,
    Llm,
    build_anthropic,
    build_bedrock,
    build_gemini,
    openai_family,
)
from pipecat_runner._providers.realtime import PROVIDERS as SPEECH_TO_SPEECH
from pipecat_runner._providers.table import Provider, find, prepare
from pipecat_runner._speech.local import LocalSpeech

__all__ = ["PARAMETERS", "PROVIDERS", "Llm", "build_llm", "speaks"]

# OpenAI's reasoning models refuse max_tokens, and all of its models take this.
_LONGEST = {"max_tokens": "max_completion_tokens"}
_NOT_IN_MESSAGES_API = "Anthropic's Messages API has no such parameter"
_NOT_IN_CONVERSE = "AWS's Converse API has no such parameter; what one model knows goes into options"


def _needs(address: str = "", model: str = "", hottest: float = 2.0) -> Callable[[LlmConfig, str], None]:
    """Refuse what lacks an address or a model, each with an example of one, or asks for too high a temperature."""

    def check(config: LlmConfig, where: str) -> None:
        if address and config.base_url is None:
            raise BadConfiguration(f"{where}.base_url: {config.type} needs the server's address, e.g. {address}")
        if model and config.model is None:
            raise BadConfiguration(f"{where}.model: {config.type} needs the name of {model}")
        if config.temperature is not None and config.temperature > hottest:
            raise BadConfiguration(
                f"{where}.temperature: {config.temperature:g} is too high, {config.type} takes 0 to {hottest:g}"
            )

    return check


def _example(name: str, model: str, more: str = "") -> str:
    return f"llm: {{type: {name}, model: {model}{', ' + more if more else ''}}}"


PROVIDERS: Mapping[str, Provider[LlmConfig, Llm]] = {
    "openai": Provider(
        openai_family("pipecat.services.openai.llm", "OpenAILLMService", renamed=_LONGEST),
        title="OpenAI",
        key_variable="OPENAI_API_KEY",
        address_variable="OPENAI_BASE_URL",
        model="gpt-4.1",
        model_pattern=r"(gpt|o\d|chatgpt|ft:)\S*",
        example=_example("openai", "gpt-4.1"),
        note="`max_tokens` is sent as `max_completion_tokens`.",
    ),
    "anthropic": Provider(
        build_anthropic,
        title="Anthropic Claude",
        aliases=("claude",),
        key_variable="ANTHROPIC_API_KEY",
        address_variable="ANTHROPIC_BASE_URL",
        extra="anthropic",
        modules=("anthropic",),
        model="claude-sonnet-4-6",
        model_pattern=r"claude-\S+",
        example=_example("anthropic", "claude-sonnet-4-6"),
        left_out=dict.fromkeys(("frequency_penalty", "presence_penalty", "seed"), _NOT_IN_MESSAGES_API),
        note="The temperature goes to 1. It is asked for one tool call at a time.",
        check=_needs(hottest=1.0),
    ),
    "gemini": Provider(
        build_gemini,
        title="Google Gemini",
        aliases=("google",),
        key_variable="GOOGLE_API_KEY",
        address_variable="GOOGLE_GEMINI_BASE_URL",
        extra="google",
        modules=("google.genai",),
        model="gemini-3.6-flash",
        model_pattern=r"(models/)?(gemini|gemma|learnlm)-\S+",
        example=_example("gemini", "gemini-3.6-flash"),
    ),
    "grok": Provider(
        openai_family("pipecat.services.xai.llm", "GrokLLMService"),
        title="xAI Grok",
        aliases=("xai",),
        key_variable="XAI_API_KEY",
        address_variable="XAI_BASE_URL",
        model="grok-4.20-non-reasoning",
        model_pattern=r"grok-\S+",
        example=_example("grok", "grok-4.20-non-reasoning"),
        note="Its reasoning models refuse the penalties.",
    ),
    "azure": Provider(
        openai_family(
            "pipecat.services.azure.llm",
            "AzureLLMService",
            address="endpoint",
            renamed=_LONGEST,
        ),
        title="Azure OpenAI",
        key_variable="AZURE_OPENAI_API_KEY",
        address_variable="AZURE_OPENAI_ENDPOINT",
        example=_example("azure", "my-deployment", "base_url: https://my-resource.openai.azure.com"),
        note="`model` is the deployment. An address that ends in `/openai/v1` selects the API without versions; any "
        "other is asked for `api-version=2025-04-01-preview`.",
        check=_needs(address="https://my-resource.openai.azure.com", model="a deployment, e.g. my-deployment"),
    ),
    "groq": Provider(
        openai_family("pipecat.services.groq.llm", "GroqLLMService"),
        title="Groq",
        key_variable="GROQ_API_KEY",
        address_variable="GROQ_BASE_URL",
        model="openai/gpt-oss-120b",
        example=_example("groq", "openai/gpt-oss-120b"),
    ),
    "mistral": Provider(
        openai_family("pipecat.services.mistral.llm", "MistralLLMService", renamed={"seed": "random_seed"}),
        title="Mistral",
        key_variable="MISTRAL_API_KEY",
        address_variable="MISTRAL_BASE_URL",
        model="mistral-small-latest",
        example=_example("mistral", "mistral-small-latest"),
        note="`seed` is sent as `random_seed`.",
    ),
    "deepseek": Provider(
        openai_family("pipecat.services.deepseek.llm", "DeepSeekLLMService"),
        title="DeepSeek",
        key_variable="DEEPSEEK_API_KEY",
        address_variable="DEEPSEEK_BASE_URL",
        model="deepseek-flash",
        model_pattern=r"deepseek-\S+",
        example=_example("deepseek", "deepseek-flash"),
        left_out={"seed": "DeepSeek's API has no such parameter"},
        note="It does not think before it answers unless `options: {thinking: {type: enabled}}` asks for it.",
    ),
    "openrouter": Provider(
        openai_family("pipecat.services.openrouter.llm", "OpenRouterLLMService"),
        title="OpenRouter",
        key_variable="OPENROUTER_API_KEY",
        address_variable="OPENROUTER_BASE_URL",
        model="openai/gpt-4.1",
        model_pattern=r"~?[\w.-]+/\S+",
        example=_example("openrouter", "openai/gpt-4.1"),
    ),
    "ollama": Provider(
        openai_family("pipecat.services.ollama.llm", "OLLamaLLMService"),
        title="Ollama",
        address_variable="OLLAMA_BASE_URL",
        example=_example("ollama", "llama3.2", "base_url: http://ollama:11434/v1"),
        note="Without an address it is asked at `http://localhost:11434/v1`; the address ends in `/v1`.",
        check=_needs(model="a model it has pulled, e.g. llama3.2"),
    ),
    "bedrock": Provider(
        build_bedrock,
        title="AWS Bedrock",
        aliases=("aws",),
        key_variable="AWS_SECRET_ACCESS_KEY",
        more_variables=("AWS_ACCESS_KEY_ID", "AWS_REGION"),
        instead_of_key=(
            "AWS_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        address_variable="AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        extra="aws",
        modules=("aiobotocore",),
        model="us.amazon.nova-lite-v1:0",
        model_pattern=r"(arn:aws\S*:bedrock:\S+|([a-z-]+\.)?[a-z0-9]+\.[\w.-]+(:\d+)*)",
        example=_example("bedrock", "us.amazon.nova-lite-v1:0", "region: us-east-1"),
        left_out=dict.fromkeys(("frequency_penalty", "presence_penalty", "seed"), _NOT_IN_CONVERSE),
        note="The temperature goes to 1. Options are the model's own request fields.",
        check=_needs(hottest=1.0),
    ),
    "openai_compatible": Provider(
        # Only OpenAI's own servers are sure to know the role "developer".
        openai_family("pipecat.services.openai.llm", "OpenAILLMService", supports_developer_role=False),
        title="Any server that speaks OpenAI's chat completions",
        address_variable="OPENAI_COMPATIBLE_BASE_URL",
        example=_example("openai_compatible", "my-model", "base_url: http://host:8000/v1"),
        note="It needs no key, and sends one that is given.",
        check=_needs(address="http://host:8000/v1", model="a model the server has"),
    ),
    **SPEECH_TO_SPEECH,
}


def build_llm(config: LlmConfig, speech: LocalSpeech, where: str = "agent.llm") -> Llm:
    """Make the language model of a configuration.

    Raises:
        BadConfiguration: It cannot be made.
    """
    provider, complete = prepare(PROVIDERS, where, config)
    return provider.build(complete, speech)


def speaks(config: LlmConfig) -> bool:
    """Whether the model of a configuration hears and speaks itself."""
    found = find(PROVIDERS, config.type)
    return found is not None and found[1].speech_to_speech
