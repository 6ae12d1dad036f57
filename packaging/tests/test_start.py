"""A stranger unpacks the distribution and starts the daemon, without a runner and its models."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from distribution import Installation


def test_a_daemon_starts_is_asked_and_stops(tree: Path, tmp_path: Path) -> None:
    with Installation(tree, tmp_path) as daemon:
        print(f"\nstart to ready, without a runner: {daemon.seconds_to_ready:.2f} s")
        assert daemon.ready["event"] == "ready"
        assert daemon.get("/healthz") == (200, {"status": "ok"})
        status, body = daemon.get("/readyz")
        assert (status, body["status"]) == (503, "not_ready")
        assert [missing.split(":")[0] for missing in body["missing"]] == ["runner"]

        listed = daemon.run("bin/pipecat-control", "pipecatcall", "list")
        assert listed.returncode == 0, listed.stderr
        assert json.loads(listed.stdout)["result"] == []

        assert daemon.run("libexec/healthcheck", daemon.ready["metrics"]).returncode == 0
        unready = daemon.run("libexec/healthcheck", daemon.ready["metrics"], "/readyz")
        assert unready.returncode == 1
        assert "status 503" in unready.stdout

        assert daemon.stop() == 0
    assert "ahead-of-time" not in daemon.log()
    assert daemon.run("libexec/healthcheck", daemon.ready["metrics"]).returncode == 1


def test_the_cache_is_good_where_the_tree_is_moved_to(tree: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere/deeper"
    shutil.copytree(tree, moved)
    # With this flag the virtual machine ends when it cannot use the cache.
    with Installation(moved, tmp_path / "data", {"JAVA_OPTS": "-XX:AOTMode=on", "WARM_UP": "0"}) as daemon:
        flags = Path(f"/proc/{daemon.process.pid}/cmdline").read_text().split("\0")
        assert f"-XX:AOTCache={moved}/pipecat-manager.aot" in flags
        assert daemon.stop() == 0
    # The manifest's version: with a cache of another place the jar's own location is not known to its classes.
    told = subprocess.run([moved / "bin/pipecat-manager", "--version"], capture_output=True, text=True, check=True)
    assert f"pipecat-manager-{told.stdout.split()[-1]}" == tree.name


def test_options_that_only_have_to_do_with_collection_leave_our_collector(tree: Path, tmp_path: Path) -> None:
    settings = {"JAVA_OPTS": "-XX:+UseCompactObjectHeaders -XX:MaxGCPauseMillis=20", "WARM_UP": "0"}
    with Installation(tree, tmp_path / "data", settings) as daemon:
        flags = Path(f"/proc/{daemon.process.pid}/cmdline").read_text().split("\0")
        assert "-XX:+UseSerialGC" in flags
        assert daemon.stop() == 0


def test_another_collector_takes_the_place_of_ours(tree: Path, tmp_path: Path) -> None:
    settings = {"JAVA_OPTS": "-XX:+UseParallelGC -Xmx256m", "WARM_UP": "0"}
    with Installation(tree, tmp_path / "data", settings) as daemon:
        flags = Path(f"/proc/{daemon.process.pid}/cmdline").read_text().split("\0")
        assert [flag for flag in flags if flag.endswith("GC")] == ["-XX:+UseParallelGC"]
        listed = daemon.run("bin/pipecat-control", "pipecatcall", "list")
        assert listed.returncode == 0, listed.stderr
        assert daemon.stop() == 0


def test_a_cache_of_another_java_is_left_aside_and_said_so(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    (other / "pipecat-manager.aot.java").write_text('JAVA_VERSION="25"\n')
    with Installation(other, tmp_path / "data", {"WARM_UP": "0"}) as daemon:
        assert daemon.stop() == 0
    assert "bin/pipecat-aot makes one" in daemon.log()
