"""Every command of README and docs is run, or says why not.

The blocks of a page are run one after the other, in one shell and an empty folder that has what a built tree has. What
a stranger would fill in, addresses and ids, is filled in here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.contract import HOST
from support.daemon import HOME, Daemon, ToneRunner
from support.pages import Block, blocks, pages
from support.platform import Platform, Services
from support.wait import until

AGENTS = "default_agent: echo\nagents:\n  reception: {bot: tone}\n  echo: {bot: echo}\n"
TREE = ("bin", "config", "dev", "docs", "python-runner", "vectors")
SECONDS = 120
RUN = [page for page in pages() if any(block.run is not None for block in blocks(page))]
FREE = {f"{name}_LISTEN_ADDRESS": "127.0.0.1:0" for name in ("HTTP", "AUDIOSOCKET", "PROMETHEUS")}


class Shell:
    """One bash. What is run in it goes on with what was set before."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._said = folder / "said.txt"
        self._done = folder / "done"
        self._bash = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self._said.open("w"),
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, text: str) -> tuple[int, str]:
        """Runs it, ends at the first command that fails; its code, and what was said."""
        before = self._said.stat().st_size
        self._done.unlink(missing_ok=True)
        assert self._bash.stdin is not None
        # What it sets stays; only a failure ends it, and that ends the shell.
        self._bash.stdin.write(f"set -e\ntrap 'echo $? >{self._done}.new; mv {self._done}.new {self._done}' EXIT\n")
        self._bash.stdin.write(f"{text}\nset +e\necho 0 >{self._done}.new; mv {self._done}.new {self._done}\n")
        self._bash.stdin.flush()
        until("the block is done", self._done.exists, SECONDS)
        return int(self._done.read_text()), self._said.read_text()[before:]

    def close(self) -> None:
        if self._bash.poll() is None:
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait(10)


class Page:
    """Runs the blocks of one page."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        for name in TREE:
            (folder / name).symlink_to(HOME / name)
        self.folder = folder
        self.request = request
        self.filled: dict[str, str] = {}
        self.exports = ""
        self.mode = ""
        # The tests' own servers are not what a reader has in the environment.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIPECAT_", "RUNNER_"))} | FREE
        self.shell: Shell | None = None
        self.closing: list[Any] = []

    def run(self, block: Block) -> None:
        assert block.run is not None
        for word in block.run:
            getattr(self, "_" + word.replace(" ", "_"), lambda: None)()
        text = self._fill(block.text)
        if "until ready" in block.run:
            self._start(block, text)
            return
        if self.shell is None:
            self.shell = Shell(self.folder, self.environment)
            self.closing.append(self.shell)
            text = self.exports + text
        code, said = self.shell.run(text)
        fine = (0, 3) if "exit 3 is fine" in block.run else (0,)
        assert code in fine, f"{block.place} ends with {code}:\n{text}\n---\n{said}"
        if code:
            self.shell = None

    def _fill(self, text: str) -> str:
        for shown, real in self.filled.items():
            # A block that sets ID means its own.
            if shown != "$ID" or "ID=$(" not in text:
                text = text.replace(shown, real)
        return text

    def _addresses(self, ready: dict[str, Any]) -> None:
        self.filled["127.0.0.1:8080"] = ready["http"]
        self.filled["127.0.0.1:9092"] = ready["audiosocket"][0]
        self.filled["127.0.0.1:2112"] = ready["metrics"]
        self.environment["PIPECAT_MANAGER_URL"] = f"http://{ready['http']}"

    def _start(self, block: Block, text: str) -> None:
        """A command that goes on to the end of the page. What it exports is there from then on."""
        self.exports = "".join(line + "\n" for line in text.splitlines() if line.startswith("export "))
        self._other_shell("platform" if "on a platform" in (block.run or ()) else "embedded")
        log = (self.folder / f"started-{block.line}.log").open("w")
        process = subprocess.Popen(
            ["bash", "-c", f"exec 3>&1; set -e; {text}"],
            cwd=self.folder,
            env={**self.environment, "WARM_UP": "0"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        self.closing.append(Started(process))
        assert process.stdout is not None
        line = next((line for line in process.stdout if '"ready"' in line), "")
        assert line, f"{block.place} was never ready:\n{Path(log.name).read_text()[-4000:]}"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        self._addresses(json.loads(line))

    def _with_agents(self) -> None:
        (self.folder / "agents.yaml").write_text(AGENTS)

    def _other_shell(self, mode: str) -> None:
        """Another daemon, and nothing left of what was set for the one before."""
        self.shell = None
        self.mode = mode

    def _with_daemon(self) -> None:
        if self.mode == "embedded":
            return
        self.exports = ""
        self._other_shell("embedded")
        self._with_agents()
        tones: ToneRunner = self.request.getfixturevalue("tones")
        settings = {"AGENTS_FILE": str(self.folder / "agents.yaml"), "RUNNER_URL": tones.url}
        daemon = Daemon.embedded(self.folder / "daemon", **settings)
        self.closing.append(daemon)
        self._addresses(daemon.ready)
        # What a page writes as an id is a call that is there.
        self.filled["$ID"] = self.filled["57e1…"] = self._call()

    def _call(self) -> str:
        control = [HOME / "bin/pipecat-control", "pipecatcall", "start", "--agent", "reception"]
        told = subprocess.run(control, env=self.environment, capture_output=True, text=True, check=True).stdout
        return str(json.loads(told)["id"])

    def _on_a_platform(self) -> None:
        services: Services = self.request.getfixturevalue("services")
        tones: ToneRunner = self.request.getfixturevalue("tones")
        around = Platform(services)
        around.__enter__()
        self.closing.append(Left(around))
        self.filled |= {
            "amqp://user:password@rabbitmq:5672": services.environment["PIPECAT_AMQP_URL"],
            "user:password@tcp(mariadb:3306)/bin_manager": around.database.dsn,
            "redis:6379": services.environment["PIPECAT_REDIS_URL"].removeprefix("redis://").rstrip("/"),
            "10.0.0.12": HOST,
            "10.0.0.0/24": "127.0.0.0/8",
        }
        self.environment |= {"RUNNER_URL": tones.url}

    def close(self) -> None:
        for each in reversed(self.closing):
            (each.stop if isinstance(each, Daemon) else each.close)()


class Started:
    """A process group that is ended in order."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(60)


class Left:
    """A context that is left."""

    def __init__(self, context: Platform) -> None:
        self._context = context

    def close(self) -> None:
        self._context.__exit__()


@pytest.fixture
def page(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    running = Page(tmp_path, request)
    yield running
    running.close()


@pytest.mark.parametrize("file", RUN, ids=[str(file.relative_to(HOME)) for file in RUN])
def test_the_commands_of_a_page_work(page: Page, file: Path) -> None:
    for block in blocks(file):
        if block.run is not None:
            page.run(block)


@pytest.mark.parametrize("file", pages(), ids=[str(file.relative_to(HOME)) for file in pages()])
def test_what_a_page_leaves_out_it_gives_a_reason_for(file: Path) -> None:
    for block in blocks(file):
        assert block.run is not None or re.search(r"\w+ \w+ \w+", block.reason), block.place


def test_a_command_that_fails_is_found(page: Page) -> None:
    for text, code in (("true", 0), ("X=7", 0), ('test "$X" = 7', 0), ("false\ntrue", 1)):
        block = Block(HOME / "README.md", 1, text, (), "")
        if code:
            with pytest.raises(AssertionError, match=r"ends with 1"):
                page.run(block)
        else:
            page.run(block)
