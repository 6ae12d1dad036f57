"""The container files: a linter finds nothing; each path, stage, argument and command they name is there or is made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dockerfile_parse import DockerfileParser

from product import KEYS, PORTS

FILES = ("daemon.Dockerfile", "runner.Dockerfile")
PREFIX = "/opt/pipecat-manager"
#: What the base images have: tools of every Debian, and of a JDK.
TOOLS = {"install", "jlink"}


def instructions(tree: Path, name: str) -> list[dict[str, Any]]:
    parser = DockerfileParser(path=str(tree / "container" / name), cache_content=True)
    found: list[dict[str, Any]] = [step for step in parser.structure if step["instruction"] != "COMMENT"]
    return found


def stages(tree: Path, name: str) -> list[list[dict[str, Any]]]:
    """The instructions of each stage; what stands before the first is left out."""
    found: list[list[dict[str, Any]]] = []
    for step in instructions(tree, name):
        if step["instruction"] == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def arguments(tree: Path, name: str) -> set[str]:
    return {step["value"].split("=")[0] for step in instructions(tree, name) if step["instruction"] == "ARG"}


def copies(stage: list[dict[str, Any]]) -> list[tuple[str | None, list[str], str]]:
    """Where from, what, and where to."""
    found = []
    for step in stage:
        if step["instruction"] == "COPY":
            words = step["value"].split()
            origin = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
            found.append((origin, words[:-1], words[-1]))
    return found


def value(stage: list[dict[str, Any]], instruction: str) -> str:
    (found,) = [step["value"] for step in stage if step["instruction"] == instruction]
    return str(found)


@pytest.mark.parametrize("name", FILES)
def test_the_linter_finds_nothing(tree: Path, name: str) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, tree / "container" / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", FILES)
def test_what_is_copied_from_the_distribution_is_there(tree: Path, name: str) -> None:
    for stage in stages(tree, name):
        for origin, sources, _ in copies(stage):
            if origin is None:
                assert all(list(tree.glob(source.rstrip("/"))) for source in sources), sources


@pytest.mark.parametrize("name", FILES)
def test_what_is_copied_from_a_stage_was_made_by_it(tree: Path, name: str) -> None:
    build, final = stages(tree, name)
    made = " ".join(step["value"] for step in build)
    if "pipecat-runner-setup" in made:
        made += f" {PREFIX}/python-runner/.venv"
        assert "python -m venv .venv" in (tree / "bin/pipecat-runner-setup").read_text().replace('"$python"', "python")
    for origin, sources, target in copies(final):
        if origin is not None:
            assert re.search(rf"AS {origin}$", build[0]["value"]), origin
            # The same place: an environment of Python knows its own, and so does the cache.
            assert sources == [target]
            assert target in made


@pytest.mark.parametrize("name", FILES)
def test_every_argument_that_is_used_is_declared(tree: Path, name: str) -> None:
    text = (tree / "container" / name).read_text()
    used = set(re.findall(r"\$\{(\w+)[}:]", re.sub(r"^#.*$", "", text, flags=re.M)))
    assert used == arguments(tree, name)


@pytest.mark.parametrize("name", FILES)
def test_every_command_is_there(tree: Path, name: str) -> None:
    build, final = stages(tree, name)
    for stage in (build, final):
        copied = {Path(target) for _, _, target in copies(stage)}
        for step in stage:
            if step["instruction"] != "RUN":
                continue
            for command in re.split(r"&&|\|\|?|;", step["value"].replace("\\\n", " ")):
                words = [word for word in command.split() if not re.match(r"^[A-Z_]+=", word)]
                if words[0] in TOOLS:
                    continue
                program = tree / Path(words[0]).relative_to(PREFIX)
                assert program.stat().st_mode & 0o100, words[0]
                assert any(Path(words[0]).is_relative_to(target) for target in copied), words[0]
    started = [*json.loads(value(final, "ENTRYPOINT")), *json.loads(value(final, "CMD"))]
    healthcheck = json.loads(value(final, "HEALTHCHECK").split("CMD", 1)[1])
    for program in (started[0], healthcheck[0]):
        inside = tree / Path(program).relative_to(PREFIX)
        assert inside.exists() or inside.relative_to(tree) == Path("python-runner/.venv/bin/python")


@pytest.mark.parametrize("name", FILES)
def test_the_last_stage_runs_as_nobody_special(tree: Path, name: str) -> None:
    *_, final = stages(tree, name)
    user = value(final, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number, so that runAsNonRoot can be checked"
    after = [step["instruction"] for step in final]
    assert "RUN" not in after[after.index("USER") :]
    assert value(final, "STOPSIGNAL") == "SIGTERM"


def test_ports_are_the_defaults_and_variables_are_settings(tree: Path) -> None:
    *_, daemon = stages(tree, "daemon.Dockerfile")
    *_, runner = stages(tree, "runner.Dockerfile")
    assert value(daemon, "EXPOSE").split() == [str(PORTS[name]) for name in ("audiosocket", "http", "metrics")]
    assert value(runner, "EXPOSE") == str(PORTS["runner"])
    assert json.loads(value(runner, "CMD"))[-1] == str(PORTS["runner"])
    assert f"127.0.0.1:{PORTS['runner']}" in value(runner, "HEALTHCHECK")
    assert f":{PORTS['metrics']}" in (tree / "libexec/healthcheck").read_text()
    names = set(re.findall(r"([A-Z_]+)=", value(daemon, "ENV")))
    assert names - {"JAVA_HOME", "HOME"} <= KEYS.keys()
    data = dict(pair.split("=", 1) for pair in value(daemon, "ENV").replace("\\\n", " ").split())["DATA_DIR"]
    assert value(daemon, "VOLUME") == value(daemon, "WORKDIR") == data
