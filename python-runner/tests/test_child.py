"""The process as a daemon's child: one line on stdout, logs as JSON on stderr, the end with stdin."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx

from tests.support.peer import Peer
from tests.support.runner import run_body


def test_a_child_tells_its_port_serves_and_ends_with_its_stdin() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "pipecat_runner", "--host", "127.0.0.1", "--port", "0", "--child", "--no-warm-up"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "RUNNER_TOKEN": "secret-token"},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    with child, Peer() as peer:
        line = json.loads(child.stdout.readline())
        assert line["event"] == "listening"
        http = httpx.Client(base_url=f"http://127.0.0.1:{line['port']}", timeout=30)
        with http:
            http.headers["authorization"] = "Bearer secret-token"
            answer = http.post("/run", json=run_body(peer.url, agent={"bot": "tone"}))
            assert answer.status_code == 200, answer.text
            peer.wait_until(lambda: peer.heard_ms() > 100, "the tone")
        child.stdin.close()
        assert peer.wait_closed().code == 1000
        assert child.wait(20) == 0
        assert child.stdout.read() == b"", "stdout is for one line"
        logs = [json.loads(text) for text in child.stderr.read().splitlines()]

    assert any("stdin has ended" in log["message"] for log in logs)
    assert all({"time", "level", "logger", "message"} <= log.keys() for log in logs)
    assert "secret-token" not in json.dumps(logs)
    assert "link-token" not in json.dumps(logs)


def test_bad_settings_are_told_in_words_and_exit_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipecat_runner", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if key != "RUNNER_TOKEN"},
    )

    assert done.returncode == 2
    assert "RUNNER_TOKEN" in done.stderr


def test_what_it_has_is_told_without_serving_and_without_secrets() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipecat_runner", "--describe"],
        capture_output=True,
        check=True,
        timeout=120,
        env={**os.environ, "OPENAI_API_KEY": "key-that-is-not-shown"},
    )
    told = json.loads(done.stdout)
    assert {"python", "version", "pipecat", "providers"} == told.keys()
    openai = next(provider for provider in told["providers"]["llm"] if provider["name"] == "openai")
    assert openai["configured"] is True
    assert b"key-that-is-not-shown" not in done.stdout
