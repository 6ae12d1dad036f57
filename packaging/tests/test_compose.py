"""The Compose files: the schema takes them, and they agree with the daemon's settings and the container files."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from product import KEYS, LAUNCHER_KEYS, PORTS, PROVIDER_KEYS, RUNNER_KEYS, SECRETS, seconds

FILES = ("compose.yaml", "compose.platform.yaml")
Document = dict[str, Any]


def read(tree: Path, name: str) -> Document:
    document: Document = yaml.safe_load((tree / "compose" / name).read_text())
    return document


def merged(base: Document, over: Document) -> Document:
    """As Compose merges an override: maps by key, the rest is replaced."""
    both = dict(base)
    for key, given in over.items():
        before = both.get(key)
        both[key] = merged(before, given) if isinstance(before, dict) and isinstance(given, dict) else given
    return both


@pytest.fixture
def embedded(tree: Path) -> Document:
    return read(tree, FILES[0])


@pytest.fixture
def platform(tree: Path) -> Document:
    return merged(*(read(tree, name) for name in FILES))


@pytest.mark.parametrize("name", FILES)
def test_the_schema_takes_it(tree: Path, name: str) -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", tree / "compose" / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("which", ["embedded", "platform"])
def test_variables_are_settings(which: str, request: pytest.FixtureRequest) -> None:
    services = request.getfixturevalue(which)["services"]
    assert services["daemon"]["environment"].keys() <= KEYS.keys() | LAUNCHER_KEYS
    assert services["runner"]["environment"].keys() <= RUNNER_KEYS | PROVIDER_KEYS


@pytest.mark.parametrize("which", ["embedded", "platform"])
def test_no_secret_is_written_down(which: str, request: pytest.FixtureRequest) -> None:
    for service in request.getfixturevalue(which)["services"].values():
        for name, value in service.get("environment", {}).items():
            if name in SECRETS or "PASS" in name.removesuffix("_ROOT_PASSWORD"):
                assert re.search(r"\$\{\w+:\?[^}]+\}", str(value)), name


def test_services_find_each_other(embedded: Document, platform: Document) -> None:
    daemon = embedded["services"]["daemon"]["environment"]
    assert daemon["RUNNER_URL"] == f"http://runner:{PORTS['runner']}"
    assert daemon["HTTP_ADVERTISED_ADDRESS"] == f"daemon:{PORTS['http']}"
    assert daemon["RUNNER_TOKEN"] == embedded["services"]["runner"]["environment"]["RUNNER_TOKEN"]
    for name, key in (("http", "HTTP"), ("audiosocket", "AUDIOSOCKET"), ("metrics", "PROMETHEUS")):
        assert daemon[f"{key}_LISTEN_ADDRESS"] == f"0.0.0.0:{PORTS[name]}"
    published = {port.rsplit(":", 1)[1] for port in embedded["services"]["daemon"]["ports"]}
    assert published == {str(PORTS[name]) for name in ("http", "audiosocket", "metrics")}
    assert all(port.startswith("127.0.0.1:") for port in embedded["services"]["daemon"]["ports"])

    environment = platform["services"]["daemon"]["environment"]
    hosts = {
        re.search(r"@(?:tcp\()?(\w+):", environment["RABBITMQ_ADDRESS"])[1],  # type: ignore[index]
        re.search(r"@(?:tcp\()?(\w+):", environment["DATABASE_DSN"])[1],  # type: ignore[index]
        environment["REDIS_ADDRESS"].split(":")[0],
    }
    assert hosts < platform["services"].keys()
    assert hosts | {"runner"} == platform["services"]["daemon"]["depends_on"].keys()
    database = platform["services"]["mariadb"]["environment"]
    assert f"{database['MARIADB_USER']}:{database['MARIADB_PASSWORD']}@" in environment["DATABASE_DSN"]
    assert environment["DATABASE_DSN"].endswith(f"/{database['MARIADB_DATABASE']}")


def test_the_daemon_waits_for_services_that_say_they_are_well(tree: Path, platform: Document) -> None:
    services = platform["services"]
    for name, wanted in services["daemon"]["depends_on"].items():
        assert wanted == {"condition": "service_healthy"}
        dockerfile = services[name].get("build", {}).get("dockerfile")
        assert "healthcheck" in services[name] or "HEALTHCHECK" in (tree / dockerfile).read_text(), name


def test_the_address_of_the_host_is_in_its_network(platform: Document) -> None:
    daemon = platform["services"]["daemon"]
    (config,) = platform["networks"]["default"]["ipam"]["config"]
    address = daemon["networks"]["default"]["ipv4_address"]
    assert daemon["environment"]["POD_IP"] == address
    assert ipaddress.ip_address(address) in ipaddress.ip_network(config["subnet"])
    assert daemon["environment"]["AUDIOSOCKET_ALLOW"] == config["subnet"]


def test_images_are_built_from_what_is_there(tree: Path, embedded: Document) -> None:
    for service in embedded["services"].values():
        build = service["build"]
        text = (tree / "compose" / build["context"] / build["dockerfile"]).read_text()
        assert all(f"ARG {argument}" in text for argument in build.get("args", {}))
    (agents, _) = embedded["services"]["daemon"]["volumes"]
    source, target, mode = agents.split(":")
    assert (tree / "compose" / source).is_file()
    assert f"AGENTS_FILE={target}" in (tree / "container/daemon.Dockerfile").read_text()
    assert mode == "ro"


def test_services_of_ours_have_little_and_may_drain(platform: Document) -> None:
    for name, drain in (("daemon", "DRAIN_TIMEOUT"), ("runner", "RUNNER_DRAIN_TIMEOUT")):
        service = platform["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert seconds(service["stop_grace_period"]) >= seconds(service["environment"][drain]) + 30


def test_every_volume_is_declared(platform: Document) -> None:
    named = {
        volume.split(":")[0]
        for service in platform["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert named == platform["volumes"].keys()
