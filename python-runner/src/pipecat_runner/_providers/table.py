"""What a provider is, and the checks all of them share.

The tables of the three kinds are data: ``llm``, ``stt`` and ``tts`` beside this module. An entry names what a provider
needs and how its service is made; nothing of a provider is imported before a call asks for it.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import SecretStr

from pipecat_runner._agent import ProviderConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._speech.local import LocalSpeech

C = TypeVar("C", bound=ProviderConfig)
S = TypeVar("S")

_REGION = "_REGION"


@dataclass(frozen=True, slots=True)
class Provider(Generic[C, S]):
    """One entry of a table.

    Attributes:
        build: Makes the service; imports what it needs, blocks while models load, calls nobody. It is given the
            configuration with its key, address and model filled in.
        title: For people.
        aliases: Other names under which it can be asked for.
        key_variable: Environment variable that holds the key, for those who want one.
        more_variables: Others without which it cannot work, such as a second half of the key, or a region.
        instead_of_key: Variables of which one stands for the key and its other half: the machine has a role.
        address_variable: Environment variable that holds another address; without one it cannot be had elsewhere.
        extra: The optional extra of this package it needs.
        modules: What that extra must have brought.
        model: The default model; empty where one must be named.
        model_pattern: What a model's name looks like at the provider's own address; elsewhere it may be any.
        voice: The default voice; empty where there is none.
        example: A configuration that works, as one line of YAML.
        left_out: Settings of the kind's configuration it cannot take, each with the reason.
        note: What else one should know, as a sentence.
        speech_to_speech: Whether it hears and speaks itself, so that the agent has neither ``stt`` nor ``tts``.
        check: Refuses what can be seen to be wrong with model, voice or language without asking the provider.
    """

    build: Callable[[C, LocalSpeech], S]
    title: str = ""
    aliases: tuple[str, ...] = ()
    key_variable: str | None = None
    more_variables: tuple[str, ...] = ()
    instead_of_key: tuple[str, ...] = ()
    address_variable: str | None = None
    extra: str | None = None
    modules: tuple[str, ...] = ()
    model: str = ""
    model_pattern: str = r"\S+"
    voice: str = ""
    example: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    speech_to_speech: bool = False
    check: Callable[[C, str], None] = lambda _config, _where: None

    def is_installed(self) -> bool:
        """Whether what it needs can be imported."""
        return all(_is_found(module) for module in self.modules)

    def missing_variables(self, environment: Mapping[str, str]) -> list[str]:
        """What is not set in the environment and would have to come with each call."""
        wanted = [self.key_variable] if self.key_variable else []
        return [
            variable
            for variable in [*wanted, *self.more_variables]
            if not environment.get(variable) and not self._has_role(environment, variable)
        ]

    def _has_role(self, environment: Mapping[str, str], variable: str) -> bool:
        return not variable.endswith(_REGION) and any(environment.get(name) for name in self.instead_of_key)


def find(table: Mapping[str, Provider[C, S]], name: str) -> tuple[str, Provider[C, S]] | None:
    """The entry with a name or alias, and its name."""
    if name in table:
        return name, table[name]
    return next(((known, entry) for known, entry in table.items() if name in entry.aliases), None)


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
        The entry, and the configuration with type, key, address and model filled in.

    Raises:
        BadConfiguration: It is unknown, lacks its key, its optional extra is not installed, or it cannot work so.
    """
    environment = os.environ if environment is None else environment
    found = find(table, config.type)
    if found is None:
        raise BadConfiguration(f"{where}.type: unknown provider {config.type!r}; known: {', '.join(sorted(table))}")
    name, provider = found
    if provider.extra is not None and not provider.is_installed():
        raise BadConfiguration(
            f"{where}.type: {name} needs the optional extra '{provider.extra}'; "
            f"install it with dev/python-setup.sh {provider.extra}"
        )
    given: dict[str, object] = {"type": name}
    for variable in provider.missing_variables(environment):
        if variable == provider.key_variable:
            if config.api_key is None:
                raise BadConfiguration(
                    f"{where}.api_key: {name} needs a key; set {variable} for the runner, "
                    f"or write api_key: ${{{variable}}}"
                )
        elif not (variable.endswith(_REGION) and (config.region or config.base_url)):
            raise BadConfiguration(f"{where}.type: {name} also needs {variable} in the runner's environment")
    key = environment.get(provider.key_variable) if provider.key_variable else None
    if config.api_key is None and key:
        given["api_key"] = SecretStr(key)
    if provider.address_variable is not None and config.base_url is None:
        given["base_url"] = environment.get(provider.address_variable) or None
    if config.region is None:
        given["region"] = next((environment.get(v) for v in provider.more_variables if v.endswith(_REGION)), None)
    if config.model is None and provider.model:
        given["model"] = provider.model
    complete = config.model_copy(update=given)
    _check(provider, where, complete)
    provider.check(complete, where)
    return provider, complete


def _check(provider: Provider[C, S], where: str, config: C) -> None:
    own_address = config.base_url is None
    if config.model and own_address and not re.fullmatch(provider.model_pattern, config.model):
        raise BadConfiguration(
            f"{where}.model: {config.model!r} is not the name of a model of {config.type}; for instance "
            f"{provider.example or provider.model}"
        )
    for setting, reason in provider.left_out.items():
        if getattr(config, setting) is not None:
            raise BadConfiguration(f"{where}.{setting}: leave it out, {config.type} does not take it: {reason}")


def _is_found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
