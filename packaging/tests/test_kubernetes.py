"""The Kubernetes manifests: the schemas take them; they agree with each other, with the settings and docs/sizing.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from product import KEYS, LAUNCHER_KEYS, PORTS, PROVIDER_KEYS, RUNNER_KEYS, SECRETS, figure, seconds, size

Document = dict[str, Any]
#: The oldest that has everything that is used (sidecars, and preStop.sleep), and the newest there is a schema of.
VERSIONS = ("1.30", "1.37")
FOLDER = "kubernetes"


@pytest.fixture
def documents(tree: Path) -> list[Document]:
    files = [file for file in sorted((tree / FOLDER).glob("*.yaml")) if file.name != "kustomization.yaml"]
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def one(documents: list[Document], kind: str, name: str = "pipecat-manager") -> Document:
    (found,) = [each for each in documents if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


@pytest.fixture
def pod(documents: list[Document]) -> Document:
    template: Document = one(documents, "StatefulSet")["spec"]["template"]
    return template


@pytest.fixture
def daemon(pod: Document) -> Document:
    (container,) = pod["spec"]["containers"]
    found: Document = container
    return found


@pytest.fixture
def runner(pod: Document) -> Document:
    (container,) = pod["spec"]["initContainers"]
    found: Document = container
    return found


def value(container: Document, name: str) -> str:
    (found,) = [each["value"] for each in container["env"] if each["name"] == name]
    return str(found)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_take_them(documents: list[Document], version: str) -> None:
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


def test_kustomize_has_every_file_but_the_example(tree: Path) -> None:
    kustomization = yaml.safe_load((tree / FOLDER / "kustomization.yaml").read_text())
    files = {file.name for file in (tree / FOLDER).glob("*.yaml")}
    assert set(kustomization["resources"]) == files - {"kustomization.yaml", "secret.example.yaml"}


def test_kustomize_names_the_images(tree: Path, daemon: Document, runner: Document) -> None:
    kustomization = yaml.safe_load((tree / FOLDER / "kustomization.yaml").read_text())
    assert {image["name"] for image in kustomization["images"]} == {daemon["image"], runner["image"]}


def test_selectors_match_the_pods(documents: list[Document], pod: Document) -> None:
    labels = pod["metadata"]["labels"].items()
    for kind, path in (
        ("StatefulSet", ("selector", "matchLabels")),
        ("PodDisruptionBudget", ("selector", "matchLabels")),
        ("NetworkPolicy", ("podSelector", "matchLabels")),
        ("Service", ("selector",)),
    ):
        selector = one(documents, kind)["spec"]
        for key in path:
            selector = selector[key]
        assert selector.items() <= labels, kind
    (spread,) = pod["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"].items() <= labels
    assert one(documents, "StatefulSet")["spec"]["serviceName"] == one(documents, "Service")["metadata"]["name"]
    assert one(documents, "Service")["spec"]["clusterIP"] == "None"


def test_ports_are_the_defaults_and_their_names_are_known(
    documents: list[Document], daemon: Document, runner: Document
) -> None:
    declared = {port["name"]: port["containerPort"] for port in [*daemon["ports"], *runner["ports"]]}
    assert declared == PORTS
    for port in one(documents, "Service")["spec"]["ports"]:
        assert port["port"] == declared[port["targetPort"]]
    for rule in one(documents, "NetworkPolicy")["spec"]["ingress"]:
        assert {port["port"] for port in rule["ports"]} <= declared.keys()
    for container in (daemon, runner):
        own = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert probe not in container or container[probe]["httpGet"]["port"] in own
    assert value(daemon, "RUNNER_URL") == f"http://127.0.0.1:{PORTS['runner']}"


def test_variables_are_settings_and_references_exist(
    documents: list[Document], daemon: Document, runner: Document
) -> None:
    config = one(documents, "ConfigMap")["data"]
    secret = one(documents, "Secret")["stringData"]
    assert config.keys() <= KEYS.keys() | LAUNCHER_KEYS
    assert not config.keys() & SECRETS
    assert secret.keys() == SECRETS
    assert {each["name"] for each in daemon["env"]} <= KEYS.keys() | LAUNCHER_KEYS
    assert {each["name"] for each in runner["env"]} <= RUNNER_KEYS
    assert one(documents, "Secret", "pipecat-runner")["stringData"].keys() <= PROVIDER_KEYS

    named = {(each["kind"], each["metadata"]["name"]) for each in documents}
    for container in (daemon, runner):
        for source in container["envFrom"]:
            for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                assert key not in source or (kind, source[key]["name"]) in named
    (token,) = [each["valueFrom"]["secretKeyRef"] for each in runner["env"] if each["name"] == "RUNNER_TOKEN"]
    assert token["key"] in secret


def test_every_replica_is_a_host_of_its_own(daemon: Document) -> None:
    (address,) = [each["valueFrom"] for each in daemon["env"] if each["name"] == "POD_IP"]
    assert address == {"fieldRef": {"fieldPath": "status.podIP"}}


def test_a_stop_leaves_half_a_minute_more_than_the_drain(
    documents: list[Document], pod: Document, daemon: Document
) -> None:
    drain = seconds(one(documents, "ConfigMap")["data"]["DRAIN_TIMEOUT"])
    first = daemon["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["spec"]["terminationGracePeriodSeconds"] >= first + drain + 30


def test_the_runner_outlives_the_daemon(runner: Document) -> None:
    assert runner["restartPolicy"] == "Always"
    assert "startupProbe" in runner


def test_resources_carry_the_calls_that_are_let_in(
    documents: list[Document], daemon: Document, runner: Document
) -> None:
    calls = int(one(documents, "ConfigMap")["data"]["MAX_SESSIONS"])
    of_runner = figure(r"cores of runners = calls x ([0-9.]+)") / figure(r"cores of runners = .*/ ([0-9.]+)")
    of_daemon = figure(r"cores of daemons = calls x ([0-9.]+)") / figure(r"cores of daemons = .*/ ([0-9.]+)")
    cores = float(runner["resources"]["requests"]["cpu"])
    assert calls * of_runner <= cores < (calls + 3) * of_runner
    assert calls * of_daemon <= int(daemon["resources"]["requests"]["cpu"].removesuffix("m")) / 1000

    workers = int(value(runner, "RUNNER_WORKERS"))
    assert workers == cores
    mebibyte = 1 << 20
    assert (
        size(runner["resources"]["requests"]["memory"]) >= workers * figure(r"core, (\d+) MiB for a worker") * mebibyte
    )
    assert size(runner["resources"]["limits"]["memory"]) >= workers * size(value(runner, "RUNNER_MAX_WORKER_MEMORY"))
    held = figure(r"\| (\d+) MiB and [0-9.]+ MiB per call") + calls * figure(r"MiB and ([0-9.]+) MiB per call")
    assert size(daemon["resources"]["requests"]["memory"]) >= held * mebibyte
    for container in (daemon, runner):
        assert "cpu" not in container["resources"]["limits"]


def test_containers_have_little(tree: Path, pod: Document, daemon: Document, runner: Document) -> None:
    user = pod["spec"]["securityContext"]["runAsUser"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["automountServiceAccountToken"] is False
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]} | {"data"}
    for container, file in ((daemon, "daemon.Dockerfile"), (runner, "runner.Dockerfile")):
        text = (tree / "container" / file).read_text()
        assert f"USER {user}:" in text
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    data = [mount["mountPath"] for mount in daemon["volumeMounts"] if mount["name"] == "data"]
    assert f"DATA_DIR={data[0]}" in (tree / "container/daemon.Dockerfile").read_text()


def test_asterisk_is_allowed_by_both_or_by_neither(documents: list[Document]) -> None:
    rule, *_ = one(documents, "NetworkPolicy")["spec"]["ingress"]
    assert [port["port"] for port in rule["ports"]] == ["audiosocket"]
    allowed = one(documents, "ConfigMap")["data"]["AUDIOSOCKET_ALLOW"]
    assert [source["ipBlock"]["cidr"] for source in rule["from"]] == allowed.split(",")
