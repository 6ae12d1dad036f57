"""The packed distribution as a stranger has it: unpacked somewhere, started with an environment of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def archive() -> Path:
    """The one that make dist left."""
    found = sorted((ROOT / "build/dist").glob("pipecat-manager-*.tar.gz"))
    assert len(found) == 1, f"run make dist; build/dist holds {[file.name for file in found]}"
    return found[0]


def unpack(folder: Path) -> Path:
    """Unpacks it as its installation says; returns the tree."""
    subprocess.run(["tar", "-xzf", archive(), "-C", folder], check=True)
    (tree,) = folder.iterdir()
    return tree


@dataclass
class Installation:
    """An unpacked tree and a daemon of it, on free ports, without a runner. Use as a context manager."""

    tree: Path
    data: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Installation:
        self.log_file = self.data / "daemon.log"
        self.data.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(
                [self.tree / "bin/pipecat-manager", "run"],
                env=self.environment(),
                cwd=self.data,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.seconds_to_ready = time.monotonic() - begun
        assert line, f"the daemon did not become ready:\n{self.log()}"
        self.ready: dict[str, Any] = json.loads(line)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def environment(self) -> dict[str, str]:
        """Nobody listens on port 9: the daemon starts, and says in /readyz that there is no runner."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
        return {
            **kept,
            "AGENTS_FILE": str(self.tree / "conf/agents.yaml"),
            "DATA_DIR": str(self.data / "data"),
            "HTTP_LISTEN_ADDRESS": "127.0.0.1:0",
            "AUDIOSOCKET_LISTEN_ADDRESS": "127.0.0.1:0",
            "PROMETHEUS_LISTEN_ADDRESS": "127.0.0.1:0",
            "RUNNER_URL": "http://127.0.0.1:9",
            **self.settings,
        }

    def stop(self) -> int:
        """Asks it to end as systemd and container engines do; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def log(self) -> str:
        return self.log_file.read_text()

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """What the metrics port answers."""
        try:
            with urllib.request.urlopen(f"http://{self.ready['metrics']}{path}", timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of the tree's programs, as somebody on the same machine calls it."""
        server = {"PIPECAT_MANAGER_URL": f"http://{self.ready['http']}"}
        return subprocess.run(
            [self.tree / program, *arguments],
            env={**self.environment(), **server},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
