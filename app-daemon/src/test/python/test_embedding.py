"""The service of examples/answering-service, on both Javas the libraries are for: a runner, a caller, and no daemon."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.daemon import HOME, ToneRunner
from support.wait import until

JAR = HOME / "examples/answering-service/target/answering-service-1.jar"
READY = re.compile(r"ready: AudioSocket (\S+), register at (\S+)")


class Service:
    """One, as a process on a Java. Use as a context manager."""

    def __init__(self, java: Path, runner: str, log: Path) -> None:
        assert JAR.exists(), "run dev/examples.sh first"
        self.said: list[str] = []
        self._log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [java / "bin/java", "-jar", JAR],
                env={"RUNNER_URL": runner, "HTTP_PORT": "0", "AUDIOSOCKET_PORT": "0"},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())

    def __enter__(self) -> Service:
        ready = until("the service is ready: " + self._log.read_text(), lambda: self.said and READY.match(self.said[0]))
        assert ready
        self.callers, self.register = ready[1], ready[2]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)

    def events(self, call: str) -> list[str]:
        """Their types, checked to be numbered from 1."""
        lines = [line.split() for line in list(self.said) if line.startswith(call)]
        assert [int(line[1]) for line in lines] == list(range(1, len(lines) + 1))
        return [line[2] for line in lines]

    def stop(self) -> int:
        """Asks it to end, waits, and answers its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self._reader.join(10)
        return code

    def log(self) -> str:
        return self._log.read_text()


def _java(release: str) -> Path:
    if release == "25":
        home = subprocess.run([HOME / "dev/java25.sh", "--home"], capture_output=True, text=True, check=True).stdout
        return Path(home.strip())
    return HOME / "build/jdk21/jdk"


@pytest.fixture(params=["21", "25"])
def service(request: pytest.FixtureRequest, tones: ToneRunner, tmp_path: Path) -> Iterator[Service]:
    with Service(_java(request.param), tones.url, tmp_path / "service.log") as running:
        yield running


def _hears_the_bot(service: Service, call: str) -> None:
    """One real caller for two seconds, who hears the runner's tone nearly all the time."""
    command = [HOME / "bin/pipecat-manager", "simulate", "--server", service.callers, "--uuid", call, "--seconds", "2"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stdout + done.stderr + service.log()
    heard = json.loads(done.stdout)["per_call"][0]
    assert heard["frames_received"] > 80
    assert heard["silent_frames"] < 25
    until("the call has ended", lambda: "pipecatcall_terminated" in service.events(call))
    assert service.events(call) == ["pipecatcall_created", "pipecatcall_initialized", "pipecatcall_terminated"]


def test_an_agent_is_put_on_a_call_in_a_process_of_ones_own(service: Service) -> None:
    with urllib.request.urlopen(urllib.request.Request(service.register, method="POST"), timeout=10) as answer:
        registered = answer.read().decode()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(service.register, timeout=10)

    _hears_the_bot(service, registered)
    # Nobody registered this one: the agent that the catalogue names answers.
    _hears_the_bot(service, "0a1b2c3d-0000-4000-8000-000000000001")

    assert service.stop() == 143
    assert service.said[-1] == "stopped"
    assert not re.search(r"\b(WARN|ERROR)\b|Exception", service.log()), service.log()
