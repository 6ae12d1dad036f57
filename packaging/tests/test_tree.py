"""What is in the archive, and what its programs say when something they need is not there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from distribution import ROOT, archive


def run(program: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_archive_says_nothing_of_who_packed_it_and_when() -> None:
    with tarfile.open(archive()) as packed:
        members = packed.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names, key=lambda name: name.split("/"))
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}
    assert len({member.mtime for member in members}) == 1
    assert {oct(member.mode) for member in members} == {"0o755", "0o644"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".log"))]


def test_programs_can_be_executed(tree: Path) -> None:
    for name in ("pipecat-manager", "pipecat-control", "pipecat-aot", "pipecat-runner-setup"):
        assert (tree / "bin" / name).stat().st_mode & 0o111 == 0o111


def test_the_libraries_are_those_of_the_manifest_and_their_licences_are_told(tree: Path) -> None:
    manifest = zipfile.ZipFile(tree / "pipecat-manager.jar").read("META-INF/MANIFEST.MF").decode().replace("\r\n ", "")
    wanted = dict(line.split(": ", 1) for line in manifest.split("\r\n") if line)["Class-Path"].split()
    jars = {f"lib/{jar.name}" for jar in (tree / "lib").glob("*.jar")}
    assert jars == set(wanted)

    names = {re.sub(r"-\d.*\.jar$", "", jar.removeprefix("lib/")) for jar in jars}
    ours = {name for name in names if name.startswith(("adapter-", "pipecat-"))}
    rows = re.findall(r"^\| (.*?) \|", (tree / "lib/README.md").read_text(), re.M)
    told = {name for row in rows for name in row.split(", ")} - {"libraries"}
    assert told == names - ours


def test_the_wheel_holds_every_module_of_the_runner(tree: Path) -> None:
    (wheel,) = (tree / "python-runner").glob("pipecat_runner-*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    sources = ROOT / "python-runner/src"
    files = {str(file.relative_to(sources)) for file in sources.rglob("*") if file.suffix in {".py", ".typed"}}
    assert packed == files


def test_every_lock_has_hashes_and_there_is_one_for_each_set(tree: Path) -> None:
    program = (tree / "bin/pipecat-runner-setup").read_text()
    hosted = re.search(r"^HOSTED=\((.*)\)$", program, re.M)
    assert hosted
    sets = {"core", "offline", "tracing", *hosted[1].split()}
    locks = {file.stem for file in (tree / "python-runner/requirements").glob("*.txt")}
    assert locks == sets | {"python-3.13"}
    for lock in (tree / "python-runner/requirements").glob("*.txt"):
        packages = re.findall(r"^\S.*$", lock.read_text(), re.M)
        assert all(re.fullmatch(r"[\w.\[\]-]+==\S+ \\", package) for package in packages), lock.name


def test_a_machine_without_java_25_is_told_how_to_get_it(tree: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(tree, bare)
    finder = bare / "libexec/java25.sh"
    finder.write_text(re.sub(r"/usr/lib/jvm/|/opt/java/|/Library/Java/", "/nowhere/", finder.read_text()))
    for program in ("pipecat-manager", "pipecat-control", "pipecat-aot"):
        # A PATH with the tools of a shell and nothing more: java may be in /usr/bin.
        tools = tmp_path / f"tools-{program}"
        tools.mkdir()
        for tool in ("sh", "dirname", "readlink", "sed", "cat", "rm", "mktemp"):
            (tools / tool).symlink_to(shutil.which(tool) or tool)
        done = run(bare / "bin" / program, "--version", PATH=str(tools))
        assert done.returncode == 1
        assert done.stdout == ""
        assert "No Java 25 found: install" in done.stderr


def test_a_machine_without_a_fitting_python_is_told_how_to_get_it(tree: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for tool in ("bash", "env", "dirname", "readlink"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = run(tree / "bin/pipecat-runner-setup", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13 found" in done.stderr
    assert "apt-get install python3" in done.stderr
    assert not (tree / "python-runner/.venv").exists()


@pytest.mark.parametrize("unknown", ["offlin", "../core", ""])
def test_an_unknown_set_is_refused_with_those_there_are(tree: Path, unknown: str) -> None:
    done = run(tree / "bin/pipecat-runner-setup", unknown)
    assert done.returncode == 2
    assert f"unknown set '{unknown}'; known: hosted core anthropic" in done.stderr


def test_help_is_the_head_of_the_program(tree: Path) -> None:
    done = run(tree / "bin/pipecat-runner-setup", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: pipecat-runner-setup [SET...]")
    assert "set -euo" not in done.stdout
