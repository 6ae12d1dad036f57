"""The packaged daemon as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[5]


class ToneRunner:
    """A runner without pipelines, for many calls: every one hears a tone. Use as a context manager."""

    def __enter__(self) -> ToneRunner:
        self._process = subprocess.Popen(
            [sys.executable, HOME / "dev/load/tone_runner.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class Daemon:
    """Starts one and waits until it is ready. Use as a context manager; it is stopped in order, or was killed."""

    def __init__(self, folder: Path, services: dict[str, str], host_id: str, **settings: str) -> None:
        self.host_id = host_id
        platform = {
            "RABBITMQ_ADDRESS": services["PIPECAT_AMQP_URL"],
            "DATABASE_DSN": services["DATABASE_DSN"],
            "REDIS_ADDRESS": services["PIPECAT_REDIS_URL"].removeprefix("redis://").rstrip("/"),
            "POD_IP": host_id,
            "AUDIOSOCKET_ALLOW": "127.0.0.0/8",
        }
        self._start(folder, host_id, {**platform, **settings})

    @classmethod
    def embedded(cls, folder: Path, **settings: str) -> Daemon:
        """One without a platform, with its own runner."""
        daemon = cls.__new__(cls)
        daemon.host_id = "local"
        daemon._start(folder, "127.0.0.1", settings)
        return daemon

    def _start(self, folder: Path, address: str, settings: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log_file = folder / f"daemon-{self.host_id}.log"
        environment = {
            **os.environ,
            "DATA_DIR": str(folder / f"data-{self.host_id}"),
            "HTTP_LISTEN_ADDRESS": f"{address}:0",
            "AUDIOSOCKET_LISTEN_ADDRESS": f"{address}:0",
            "PROMETHEUS_LISTEN_ADDRESS": f"{address}:0",
            "LOG_LEVEL": "INFO",
            "WARM_UP": "0",
            **settings,
        }
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                [HOME / "bin/pipecat-manager", "run"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the daemon did not become ready:\n{self.log()[-4000:]}"
        self.ready: dict[str, Any] = json.loads(line)
        # Somebody has to read what it prints, or it blocks.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, timeout: float = 60) -> None:
        """Asks it to end and waits."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout)

    def kill(self) -> None:
        """Takes its life."""
        self.process.kill()
        self.process.wait(10)

    def log(self) -> str:
        return self.log_file.read_text()

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://{self.ready['metrics']}/metrics", timeout=10) as response:
            text = response.read().decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^([a-zA-Z_:]+(?:\{[^}]*\})?) ([0-9.eE+-]+|NaN)$", text, re.M)}

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """What ``/readyz`` says."""
        try:
            with urllib.request.urlopen(f"http://{self.ready['metrics']}/readyz", timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
