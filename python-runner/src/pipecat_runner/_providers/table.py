"""What a provider is, and the checks all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import SecretStr

from pipecat_runner._errors import BadConfiguration
from pipecat_runner._speech.local import LocalSpeech, is_installed

C = TypeVar("C", bound="ProviderConfig")
S = TypeVar("S")


class ProviderConfig(Protocol):
    """What the configurations of all providers have."""

    @property
    def type(self) -> str:
        """The provider's name."""

    @property
    def api_key(self) -> SecretStr | None:
        """Its key, where it wants one."""


@dataclass(frozen=True, slots=True)
class Provider(Generic[C, S]):
    """One entry of a table.

    Attributes:
        build: Makes the service; imports what it needs, blocks while models load.
        key_variable: Environment variable that usually holds the key, for those who want one.
        extra: The optional extra of this package it needs.
        modules: What that extra must have brought.
    """

    build: Callable[[C, LocalSpeech], S]
    key_variable: str | None = None
    extra: str | None = None
    modules: tuple[str, ...] = ()


def select(table: Mapping[str, Provider[C, S]], part: str, config: C) -> Provider[C, S]:
    """Find the provider a configuration names, and check what can be checked without calling anybody.

    Raises:
        BadConfiguration: It is unknown, lacks its key, or its optional extra is not installed.
    """
    provider = table.get(config.type)
    if provider is None:
        raise BadConfiguration(
            f"agent.{part}.type: unknown provider {config.type!r}; known: {', '.join(sorted(table))}"
        )
    if provider.key_variable is not None and config.api_key is None:
        raise BadConfiguration(
            f"agent.{part}.api_key: {config.type} needs a key; set {provider.key_variable} "
            f"and write api_key: ${{{provider.key_variable}}}"
        )
    if provider.extra is not None and not is_installed(*provider.modules):
        raise BadConfiguration(
            f"agent.{part}.type: {config.type} needs the optional extra '{provider.extra}'; "
            f"install it with dev/python-setup.sh {provider.extra}"
        )
    return provider
