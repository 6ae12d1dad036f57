"""The runner as a daemon starts it: a parent and its workers, as processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
import psutil

from tests.support.peer import Peer
from tests.support.runner import run_body

# A machine that is busy with other tests must not refuse calls here.
_AS_MUCH_AS_CAN_BE = {"RUNNER_MAX_LOOP_LAG": "60", "RUNNER_MAX_CPU": "100%", "RUNNER_MAX_MEMORY": "100%"}
TONE: dict[str, Any] = {"agent": {"bot": "tone"}}


class Service:
    """Use as a context manager; ``environment`` is added to this process's."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._arguments = arguments or ("--no-warm-up",)
        self._environment = _AS_MUCH_AS_CAN_BE | environment

    def __enter__(self) -> Service:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipecat_runner", "--port", "0", "--child", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **self._environment},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the runner ended at once"
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{json.loads(line)['port']}", timeout=30)
        self.wait_until(lambda: self.ready() == self.health()["workers"]["wanted"], "all workers to be ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        left = self.tree()
        if self.process.poll() is None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        wait_until(lambda: not any(map(_lives, left)), f"all processes to end: {left}")

    def run(self, peer: Peer, call_id: str, **body: Any) -> httpx.Response:
        """``POST /run``; by default a tone."""
        return self.http.post("/run", json=run_body(peer.url, call_id, **(body or TONE)))

    def start(self, peer: Peer, call_id: str, **body: Any) -> None:
        """``POST /run`` that must succeed, and the first sound."""
        answer = self.run(peer, call_id, **body)
        assert answer.status_code == 200, answer.text
        self.wait_for_sound(peer)

    def wait_for_sound(self, peer: Peer) -> None:
        """Wait for more sound than there was."""
        before = peer.heard_ms()
        peer.wait_until(lambda: peer.heard_ms() > before + 60, "the tone")

    def stop(self, call_id: str) -> httpx.Response:
        """``POST /stop``."""
        return self.http.post("/stop", params={"id": call_id})

    def health(self) -> dict[str, Any]:
        """``GET /health``."""
        return dict(self.http.get("/health").json())

    def ready(self) -> int:
        """Workers that take calls."""
        return int(self.health()["workers"]["warm"])

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's values whose labels are these."""
        total = 0.0
        for found in re.finditer(r"^pipecat_runner_(\w+)(?:\{(.*)\})? (\S+)$", self.http.get("/metrics").text, re.M):
            have = dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
            if found[1] == name and labels.items() <= have.items():
                total += float(found[3])
        return total

    def workers(self) -> list[psutil.Process]:
        """The worker processes."""
        return psutil.Process(self.process.pid).children()

    def tree(self) -> list[psutil.Process]:
        """All processes below the parent."""
        return psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []

    def signal(self, number: signal.Signals) -> None:
        """Signal the parent."""
        self.process.send_signal(number)

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Poll until a condition holds."""
        wait_until(condition, what)


def wait_until(condition: Callable[[], object], what: str, timeout: float = 30) -> None:
    """Poll until a condition holds; fails with ``what`` after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}"
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(processes: list[psutil.Process]) -> None:
    """Wait until none of these lives."""
    wait_until(lambda: not any(map(_lives, processes)), f"these to end: {processes}")
