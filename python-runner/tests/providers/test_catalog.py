"""``GET /providers``, and what is refused before a provider is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from pipecat_runner._agent import LlmConfig, ProviderConfig, SttConfig, TtsConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.catalog import TABLES, describe
from pipecat_runner._providers.llm import PROVIDERS, build_llm
from pipecat_runner._providers.table import prepare
from pipecat_runner._speech.local import LocalSpeech
from tests.support.runner import Runner

CONFIGS: dict[str, type[ProviderConfig]] = {"llm": LlmConfig, "stt": SttConfig, "tts": TtsConfig}


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner(token="secret") as running:
        yield running


def by_name(described: dict[str, list[dict[str, Any]]], kind: str = "llm") -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in described[kind]}


def test_the_providers_are_listed_for_who_has_the_token(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert runner.http.get("/providers").status_code == 401

    answer = runner.http.get("/providers", headers={"authorization": "Bearer secret"})

    assert answer.status_code == 200
    assert answer.json().keys() == TABLES.keys()
    listed = by_name(answer.json())
    assert listed.keys() == PROVIDERS.keys()
    assert listed["openai"]["configured"]
    assert listed["openai"]["model"] == "gpt-4.1"
    assert not listed["anthropic"]["configured"]
    assert listed["anthropic"]["missing"] == ["ANTHROPIC_API_KEY"]
    assert listed["anthropic"]["extra"] == "anthropic"
    assert listed["gemini"]["aliases"] == ["google"]
    assert "sk-of-nobody" not in answer.text


def test_a_role_of_the_machine_stands_for_the_keys_of_aws() -> None:
    assert by_name(describe({}))["bedrock"]["missing"] == ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_REGION"]
    assert by_name(describe({"AWS_PROFILE": "phones"}))["bedrock"]["missing"] == ["AWS_REGION"]
    assert by_name(describe({"AWS_PROFILE": "phones", "AWS_REGION": "eu-central-1"}))["bedrock"]["configured"]


def test_a_provider_whose_extra_is_missing_is_listed_as_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipecat_runner._providers.table._is_found", lambda module: module != "anthropic")

    assert not by_name(describe({}))["anthropic"]["installed"]
    assert by_name(describe({}))["gemini"]["installed"]


@pytest.mark.parametrize("alias", [(n, a) for n, entry in PROVIDERS.items() for a in entry.aliases])
def test_an_alias_is_the_provider_by_another_name(alias: tuple[str, str]) -> None:
    name, other = alias
    entry, complete = prepare(PROVIDERS, "agent.llm", LlmConfig(type=other, api_key=SecretStr("k"), region="r"), AWS)
    assert entry is PROVIDERS[name]
    assert complete.type == name


def test_no_two_providers_have_a_name_in_common() -> None:
    for kind, table in TABLES.items():
        names = [name for entry in table for name in (entry, *table[entry].aliases)]
        assert len(names) == len(set(names)), kind


AWS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "r"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "openai", "model": "claude-sonnet-4-6"}, "llm: {type: openai, model: gpt-4.1}"),
        ({"type": "anthropic", "model": "gpt-4.1"}, "model: claude-"),
        ({"type": "gemini", "model": "flash"}, "model: gemini-"),
        ({"type": "openrouter", "model": "gpt-4.1"}, "model: openai/gpt-4.1"),
        ({"type": "bedrock", "model": "Claude Sonnet"}, "region: us-east-1"),
        ({"type": "groq", "model": "two words"}, "model: openai/gpt-oss-120b"),
        ({"type": "azure", "model": "d"}, "e.g. https://my-resource.openai.azure.com"),
        ({"type": "azure", "base_url": "https://x"}, "e.g. my-deployment"),
        ({"type": "ollama"}, "e.g. llama3.2"),
        ({"type": "openai_compatible", "model": "m"}, "e.g. http://host:8000/v1"),
        ({"type": "anthropic", "temperature": 1.5}, "anthropic takes 0 to 1"),
        ({"type": "openai", "options": {"temperature": 1}}, "options of openai: temperature cannot be given here"),
        ({"type": "openai", "options": {"messages": []}}, "options of openai: messages cannot be given here"),
        ({"type": "gemini", "options": {"colour": 1}}, "options of gemini: there is no colour"),
        ({"type": "deepseek", "options": {"thinking": {"type": 5}}}, "options of deepseek: they are not"),
    ],
)
def test_what_cannot_work_is_refused_with_an_example(
    config: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in AWS.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(BadConfiguration) as refused:
        build_llm(LlmConfig.model_validate({"api_key": "k", **config}), LocalSpeech())
    assert message in str(refused.value)


@pytest.mark.parametrize("name", [name for name, entry in PROVIDERS.items() if entry.key_variable])
def test_a_missing_key_names_its_variable(name: str) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_REGION": "r"}
    with pytest.raises(BadConfiguration, match=str(PROVIDERS[name].key_variable)):
        prepare(PROVIDERS, "agent.llm", LlmConfig(type=name), environment)


def test_key_address_and_region_come_from_the_environment_unless_they_are_given() -> None:
    environment = {**AWS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://there"}

    _, found = prepare(PROVIDERS, "agent.llm", LlmConfig(type="bedrock"), environment)
    _, given = prepare(
        PROVIDERS,
        "agent.llm",
        LlmConfig(type="bedrock", api_key=SecretStr("k"), base_url="http://here", region="x"),
        environment,
    )

    assert found.api_key is not None
    assert (found.api_key.get_secret_value(), found.base_url, found.region) == ("s", "http://there", "r")
    assert given.api_key is not None
    assert (given.api_key.get_secret_value(), given.base_url, given.region) == ("k", "http://here", "x")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, table in TABLES.items() for name in table])
def test_the_example_of_a_provider_passes_its_own_checks(kind: str, name: str) -> None:
    entry = TABLES[kind][name]
    if not entry.example:
        return
    parsed = yaml.safe_load(entry.example)
    section = parsed.get(kind, parsed)
    assert section["type"] == name
    variables = [variable for variable in (entry.key_variable, *entry.more_variables) if variable]
    prepare(TABLES[kind], f"agent.{kind}", CONFIGS[kind].model_validate(section), dict.fromkeys(variables, "x"))


def test_the_tables_import_nothing_of_a_provider() -> None:
    program = (
        "import sys, pipecat_runner._providers.catalog as c; c.describe({});"
        "print(sorted({'openai', 'anthropic', 'google.genai', 'aiobotocore', 'deepgram'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
