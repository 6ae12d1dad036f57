"""How language models are made: pipecat's service of each vendor, with what a telephone call needs of it.

Two things pipecat leaves to its user are added to every service. Its HTTP connections are closed when the call ends:
pipecat leaves those of OpenAI and Anthropic open. And its client does not try again by itself: how often an answer is
asked for again is the agent's to say, and the caller would wait through it in silence.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from pipecat.services.llm_service import LLMService
from pydantic import ValidationError

from pipecat_runner._agent import LlmConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._speech.local import LocalSpeech
from pipecat_runner._tools.unique_ids import UniqueCallIds

Llm = LLMService[Any]

#: What can be said about how a model answers, with every provider that takes it.
PARAMETERS = ("temperature", "max_tokens", "top_p", "frequency_penalty", "presence_penalty", "seed")

# The clients refuse to be made without a key; servers of one's own do not look at it.
_NO_KEY = "none"
# What the pipeline says itself in each request.
_OURS = frozenset({*PARAMETERS, "model", "system_instruction", "messages", "system", "contents", "stream", "tools"})
# An answer that falls silent for this long is over; how long the first word may take is the agent's to say.
_SILENT_SECS = 60
_CONNECT_SECS = 5


class _TidyClient:
    """A service whose client does not try again by itself, and is closed with the call."""

    _client: Any

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._client = self._client.with_options(max_retries=0, timeout=_SILENT_SECS)

    async def cleanup(self) -> None:
        await super().cleanup()  # type: ignore[misc] # of the service this is mixed into
        await self._client.close()


class _OneCallAtATime:
    """Claude, asked for one tool call at a time: pipecat carries out only the last of several in one answer."""

    async def _get_llm_invocation_params(self, context: Any) -> dict[str, Any]:
        params: dict[str, Any] = await super()._get_llm_invocation_params(context)  # type: ignore[misc]
        if params.get("tools"):
            params["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
        return params


class _ClosedStream:
    """Bedrock, whose stream is closed also when an answer is broken off; pipecat leaves that to the collector."""

    _stream: Any = None

    async def _create_converse_stream(self, client: Any, request_params: Any) -> Any:
        response = await super()._create_converse_stream(client, request_params)  # type: ignore[misc]
        self._stream = response["stream"]
        return response

    async def _process_context(self, context: Any) -> None:
        try:
            await super()._process_context(context)  # type: ignore[misc]
        finally:
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.close()


@cache
def _service(module: str, name: str, *mixins: type, **attributes: Any) -> Any:
    """A class of pipecat's with something mixed in; its name stays, because logs and metrics show it."""
    return type(name, (*mixins, getattr(importlib.import_module(module), name)), attributes)


def openai_family(
    module: str, name: str, *, address: str = "base_url", renamed: Mapping[str, str] | None = None, **attributes: Any
) -> Callable[[LlmConfig, LocalSpeech], Llm]:
    """How a service is made that speaks OpenAI's chat completions.

    Args:
        module: Where pipecat has it.
        name: Its class.
        address: The argument that takes another address.
        renamed: Parameters that have other names with this provider.
        attributes: What is different from pipecat's class.
    """

    def build(config: LlmConfig, _: LocalSpeech) -> Llm:
        service = _service(module, name, UniqueCallIds, _TidyClient, **attributes)
        settings = settings_of(service, config, renamed)
        settings.extra = _as_body(settings.extra)
        elsewhere = {address: config.base_url} if config.base_url else {}
        made: Llm = service(api_key=key_of(config), settings=settings, **elsewhere)
        return made

    return build


def build_anthropic(config: LlmConfig, _: LocalSpeech) -> Llm:
    """Claude at Anthropic, or a server that speaks its Messages API."""
    from anthropic import AsyncAnthropic

    service = _service("pipecat.services.anthropic.llm", "AnthropicLLMService", _OneCallAtATime, _TidyClient)
    settings = settings_of(service, config)
    settings.extra = _as_body(settings.extra)
    key = key_of(config)
    made: Llm = service(api_key=key, settings=settings, client=AsyncAnthropic(api_key=key, base_url=config.base_url))
    return made


def build_gemini(config: LlmConfig, _: LocalSpeech) -> Llm:
    """Gemini at Google's AI Studio address. Its service closes its own connections."""
    from google.genai.types import GenerateContentConfig, HttpOptions, HttpRetryOptions
    from pipecat.services.google.llm import GoogleLLMService

    settings = settings_of(GoogleLLMService, config)
    # pipecat knows no penalties; the rest of a request's configuration is handed on by name.
    for penalty in ("frequency_penalty", "presence_penalty"):
        if getattr(config, penalty) is not None:
            settings.extra[penalty] = getattr(config, penalty)
    unknown = sorted(settings.extra.keys() - GenerateContentConfig.model_fields.keys())
    if unknown:
        raise BadConfiguration(
            f"options of gemini: there is no {', '.join(unknown)}; they are the settings of pipecat's service and the "
            "fields of google.genai's GenerateContentConfig, for instance {thinking: {thinking_level: low}}"
        )
    # With options of ours it does not follow its own, which wait up to 10 s for a connection.
    http = HttpOptions(base_url=config.base_url, retry_options=HttpRetryOptions(attempts=1))
    return GoogleLLMService(api_key=key_of(config), settings=settings, http_options=http)


def build_bedrock(config: LlmConfig, _: LocalSpeech) -> Llm:
    """A model on AWS. Its service makes a client for each answer, and closes it."""
    from botocore.config import Config

    bedrock = _service("pipecat.services.aws.llm", "AWSBedrockLLMService", _ClosedStream)
    settings = settings_of(bedrock, config)
    if settings.extra:
        settings.additional_model_request_fields = settings.extra
        settings.extra = {}
    service: Any = bedrock(
        aws_secret_key=key_of(config) if config.api_key is not None else None,
        aws_region=config.region,
        settings=settings,
        client_config=Config(
            connect_timeout=_CONNECT_SECS, read_timeout=_SILENT_SECS, retries={"total_max_attempts": 1}
        ),
    )
    if config.base_url is not None:
        # The service hands these to botocore as they are, and has no argument for another address.
        service._aws_params["endpoint_url"] = config.base_url
    made: Llm = service
    return made


def key_of(config: LlmConfig) -> str:
    """The key, or what a client that wants one is given instead."""
    return config.api_key.get_secret_value() if config.api_key is not None else _NO_KEY


def settings_of(
    service: Any, config: LlmConfig, renamed: Mapping[str, str] | None = None, without: Collection[str] = ()
) -> Any:
    """The settings of a service: the parameters, and the options; those it does not know are its ``extra``.

    Raises:
        BadConfiguration: An option has a place of its own in the configuration, or is not what the service takes.
    """
    ours = sorted(_OURS & config.options.keys())
    if ours:
        raise BadConfiguration(
            f"options of {config.type}: {', '.join(ours)} cannot be given here; what can be said stands beside them, "
            f"such as temperature: {', '.join(('model', *PARAMETERS))}"
        )
    given: dict[str, Any] = {"model": config.model, "system_instruction": config.instruction}
    given |= {(renamed or {}).get(name, name): getattr(config, name) for name in PARAMETERS if name not in without}
    try:
        return service.Settings.from_mapping(
            {**config.options, **{name: value for name, value in given.items() if value is not None}}
        )
    except ValueError as e:
        raise BadConfiguration(f"options of {config.type}: they are not what the provider takes: {_first(e)}") from e


def _first(error: ValueError) -> str:
    # Of pydantic's findings the place and the reason, never the value.
    if isinstance(error, ValidationError):
        finding = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in finding['loc'])}: {finding['msg']}"
    return type(error).__name__


def _as_body(extra: dict[str, Any]) -> dict[str, Any]:
    # Clients refuse arguments they do not know, and send on what stands in here.
    return {"extra_body": extra} if extra else {}
