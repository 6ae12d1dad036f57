"""Many calls against one daemon for a while: is every frame there, in time, and is nothing left open afterwards?

Usage: run.py [CALLS [SECONDS]]: 50 calls for 60 s by default. The runner's part is played by tone_runner.py; the
callers by `pipecat-manager simulate`. Everything is on loopback and stops by itself. Prints the figures as JSON and
exits non-zero when a frame was lost or something was left open; 3 when the probe's own clock was too late to say.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 10


def _metrics(address: str) -> dict[str, float]:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
        text = response.read().decode()
    return {m[1]: float(m[2]) for m in re.finditer(r"^([a-z_]+(?:\{[^}]*\})?) ([0-9.eE+-]+)$", text, re.M)}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _open_sockets(pid: int) -> int:
    count = 0
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        # One that was closed since the folder was read is not open.
        with contextlib.suppress(FileNotFoundError):
            count += str(fd.readlink()).startswith("socket:")
    return count


def _first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def main() -> int:
    """Runs the load and prints what came of it."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    runner = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("tone_runner.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = _first_line(runner)["port"]
    with tempfile.TemporaryDirectory() as data:
        daemon = subprocess.Popen(
            [HOME / "bin" / "pipecat-manager", "run"],
            env={
                **os.environ,
                "AGENTS_FILE": str(Path(__file__).with_name("agents.yaml")),
                "RUNNER_URL": f"http://127.0.0.1:{port}",
                "HTTP_LISTEN_ADDRESS": "127.0.0.1:0",
                "AUDIOSOCKET_LISTEN_ADDRESS": "127.0.0.1:0",
                "PROMETHEUS_LISTEN_ADDRESS": "127.0.0.1:0",
                "DATA_DIR": data,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            return _measure(daemon, _first_line(daemon), calls, seconds)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(30)
            assert runner.stdin is not None
            runner.stdin.close()
            runner.wait(10)


def _simulate(address: str, calls: int, seconds: int) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [
            *(HOME / "bin" / "pipecat-manager", "simulate", "--server", address, "--json"),
            *("--calls", str(calls), "--seconds", str(seconds), "--expect-tone", "440"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=seconds + 120,
    )
    return done.returncode, json.loads(done.stdout)


def _measure(daemon: subprocess.Popen[str], ready: dict[str, Any], calls: int, seconds: int) -> int:
    _simulate(ready["audiosocket"][0], calls, 5)  # a cold virtual machine is not what is measured
    _settle(ready["metrics"])
    sockets = _open_sockets(daemon.pid)
    before = _cpu_seconds(daemon.pid)
    code, heard = _simulate(ready["audiosocket"][0], calls, seconds)
    cpu = _cpu_seconds(daemon.pid) - before
    left = _settle(ready["metrics"])
    metrics = _metrics(ready["metrics"])
    result = {key: value for key, value in heard.items() if key != "per_call"}
    result["daemon"] = {
        "cpu_ms_per_call_second": round(cpu * 1000 / calls / seconds, 2),
        "sessions_left": int(left),
        "sockets_before": sockets,
        "sockets_after": _open_sockets(daemon.pid),
        "threads": int(metrics.get("jvm_threads_current", 0)),
        "underruns": int(metrics.get("pipecat_manager_underruns_total", 0)),
    }
    print(json.dumps(result, indent=2))
    return 1 if left else code


def _settle(address: str) -> float:
    """Waits until no session is left; the number of those that are."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (left := _metrics(address)["pipecat_manager_sessions"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


if __name__ == "__main__":
    sys.exit(main())
