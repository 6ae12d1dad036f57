"""The systemd units: systemd reads them, they are hardened, and a stop leaves time for a drain."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from product import seconds

UNITS = ("pipecat-manager.service", "pipecat-runner.service")
#: 0 is best, 10 is no protection at all; of a unit that may only be called and call out, 1.5 is left for its network.
EXPOSURE_LIMIT = 2.0
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")


def service(tree: Path, unit: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(tree / "systemd" / unit)
    return parser["Service"]


def settings(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def system(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root directory in which everything is installed where the units say."""
    root = tmp_path_factory.mktemp("system")
    (root / "opt").mkdir()
    (root / "opt/pipecat-manager").symlink_to(tree)
    (root / "etc/systemd/system").mkdir(parents=True)
    for target in ("network-online.target", "multi-user.target", "sysinit.target", "basic.target", "shutdown.target"):
        (root / "etc/systemd/system" / target).write_text("[Unit]\nDescription=of the test\n")
    for unit in UNITS:
        shutil.copy(tree / "systemd" / unit, root / "etc/systemd/system")
    return root


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_to_say(tree: Path, system: Path, unit: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={system}", f"/etc/systemd/system/{unit}"],
        capture_output=True,
        text=True,
        check=False,
    )
    # The runner's Python is made later, and a program is looked for in the running system, not under the root.
    said = [
        line
        for line in done.stderr.splitlines()
        if unit in line and not re.search(r"Command /opt/pipecat-manager/\S+ is not executable: No such file", line)
    ]
    assert said == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_hardened(tree: Path, unit: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(tree / "systemd" / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    overall = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert overall, done.stdout + done.stderr
    print(f"\n{unit}: exposure {overall[1]}")
    assert float(overall[1]) <= EXPOSURE_LIMIT, done.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_the_program_and_the_environment_are_those_of_the_distribution(tree: Path, unit: str) -> None:
    given = service(tree, unit)
    program = given["ExecStart"].split()[0].removeprefix("/opt/pipecat-manager/")
    assert (tree / program).exists() or program == "python-runner/.venv/bin/python"
    environment = Path(given["EnvironmentFile"].removeprefix("-"))
    assert environment.parent == Path("/etc/pipecat-manager")
    assert (tree / "conf" / environment.name).exists()


@pytest.mark.parametrize(
    ("unit", "environment", "key"),
    [
        (UNITS[0], "pipecat-manager.env", "DRAIN_TIMEOUT"),
        (UNITS[1], "pipecat-runner.env", "RUNNER_DRAIN_TIMEOUT"),
    ],
)
def test_a_stop_leaves_half_a_minute_more_than_the_drain(tree: Path, unit: str, environment: str, key: str) -> None:
    given = service(tree, unit)
    assert given["KillMode"] == "mixed"
    assert seconds(given["TimeoutStopSec"]) >= seconds(settings(tree / "conf" / environment)[key]) + 30


def test_files_are_written_where_the_unit_may(tree: Path) -> None:
    given = service(tree, UNITS[0])
    environment = settings(tree / "conf/pipecat-manager.env")
    assert environment["DATA_DIR"] == f"/var/lib/{given['StateDirectory']}" == given["WorkingDirectory"]
