"""All providers, described: what ``GET /providers`` answers and what ``docs/providers.md`` is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pipecat_runner._providers import llm, stt, tts
from pipecat_runner._providers.table import Provider

TABLES: Mapping[str, Mapping[str, Provider[Any, Any]]] = {
    "llm": llm.PROVIDERS,
    "stt": stt.PROVIDERS,
    "tts": tts.PROVIDERS,
}


def describe(environment: Mapping[str, str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """For each kind its providers by name, with what is installed and configured here. Holds no secrets.

    Args:
        environment: Where keys and addresses are; the process's by default.
    """
    environment = os.environ if environment is None else environment
    return {
        kind: [_describe(name, table[name], environment) for name in sorted(table)] for kind, table in TABLES.items()
    }


def _describe(name: str, provider: Provider[Any, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    missing = provider.missing_variables(environment)
    return {
        "name": name,
        "aliases": list(provider.aliases),
        "title": provider.title or name,
        "installed": provider.is_installed(),
        "extra": provider.extra,
        "configured": not missing,
        "missing": missing,
        "model": provider.model or None,
        "voice": provider.voice or None,
        "address_variable": provider.address_variable,
        "speech_to_speech": provider.speech_to_speech,
        "example": provider.example or None,
    }
