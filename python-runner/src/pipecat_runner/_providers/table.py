"""What a provider is, and the checks all of them share.

The tables of the three kinds are data: ``llm``, ``stt`` and ``tts`` beside this module. An entry names what a provider
needs and how its service is made; nothing of a provider is imported before a call asks for it.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import SecretStr

from pipecat_runner._agent import ProviderConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._speech.local import LocalSpeech

C = TypeVar("C", bound=ProviderConfig)
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Provider(Generic[C, S]):
    """One entry of a table.

    Attributes:
        build: Makes the service; imports what it needs, blocks while models load, calls nobody. It is given the
            configuration with its key and address filled in from the environment.
        title: For people.
        key_variable: Environment variable that holds the key, for those who want one.
        more_variables: Others without which it cannot work, such as a second half of the key, or a region.
        address_variable: Environment variable that holds another address, where it can be had elsewhere.
        extra: The optional extra of this package it needs.
        modules: What that extra must have brought.
        model: The default model; empty where one must be named.
        example: A configuration that works, as one line of YAML.
        check: Refuses what can be seen to be wrong with model, voice or language without asking the provider.
    """

    build: Callable[[C, LocalSpeech], S]
    title: str = ""
    key_variable: str | None = None
    more_variables: tuple[str, ...] = ()
    address_variable: str | None = None
    extra: str | None = None
    modules: tuple[str, ...] = ()
    model: str = ""
    example: str = ""
    check: Callable[[C, str], None] = lambda _config, _where: None

    def is_installed(self) -> bool:
        """Whether what it needs can be imported."""
        return all(_is_found(module) for module in self.modules)

    def missing_variables(self, environment: Mapping[str, str]) -> list[str]:
        """What is not set in the environment and would have to come with each call."""
        wanted = [self.key_variable] if self.key_variable else []
        return [variable for variable in [*wanted, *self.more_variables] if not environment.get(variable)]


def prepare(
    table: Mapping[str, Provider[C, S]], where: str, config: C, environment: Mapping[str, str] | None = None
) -> tuple[Provider[C, S], C]:
    """Find the provider a configuration names, check what can be checked without calling anybody, and complete it.

    Args:
        table: The providers of its kind.
        where: The configuration's path, for messages: ``agent.llm``.
        config: What was asked for.
        environment: Where keys and addresses are that it does not bring; the process's by default.

    Returns:
        The entry, and the configuration with key, address and model filled in.

    Raises:
        BadConfiguration: It is unknown, lacks its key, its optional extra is not installed, or it cannot work so.
    """
    environment = os.environ if environment is None else environment
    provider = table.get(config.type)
    if provider is None:
        raise BadConfiguration(f"{where}.type: unknown provider {config.type!r}; known: {', '.join(sorted(table))}")
    given: dict[str, object] = {}
    if provider.key_variable is not None and config.api_key is None:
        key = environment.get(provider.key_variable)
        if not key:
            raise BadConfiguration(
                f"{where}.api_key: {config.type} needs a key; set {provider.key_variable} for the runner, "
                f"or write api_key: ${{{provider.key_variable}}}"
            )
        given["api_key"] = SecretStr(key)
    for variable in provider.more_variables:
        if not environment.get(variable) and not (variable.endswith("_REGION") and config.region):
            raise BadConfiguration(f"{where}.type: {config.type} also needs {variable} in the runner's environment")
    if provider.extra is not None and not provider.is_installed():
        raise BadConfiguration(
            f"{where}.type: {config.type} needs the optional extra '{provider.extra}'; "
            f"install it with dev/python-setup.sh {provider.extra}"
        )
    if provider.address_variable is not None and config.base_url is None:
        given["base_url"] = environment.get(provider.address_variable) or None
    if config.model is None and provider.model:
        given["model"] = provider.model
    complete = config.model_copy(update=given)
    provider.check(complete, where)
    return provider, complete


def _is_found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
