"""One worker as the parent sees it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loguru import logger

from pipecat_runner._pool.channel import Channel, Head
from pipecat_runner._pool.report import PERIOD_SECS, Report

# From a worker's end of orders to its end; calls have ended before, or were given up.
_EXIT_SECS = 2.0


class WorkerLost(Exception):
    """The worker ended before it had answered.

    Attributes:
        begun: Whether it had begun with the request; if not, another worker may be asked.
    """

    def __init__(self, message: str, *, begun: bool) -> None:
        """Say which worker it was."""
        super().__init__(message)
        self.begun = begun


@dataclass(slots=True)
class _Asked:
    answer: asyncio.Future[Answer]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker's application answered."""

    status: int
    media_type: str
    body: bytes


class WorkerProcess:
    """Starts, asks, watches and ends one process. Belongs to the event loop.

    Attributes:
        number: Which place of the pool it has: 1, 2, …
        born: When it was started, on the monotonic clock.
        report: The last one.
        retiring: It takes no new calls.
        cause: Why it was replaced, where the parent decided it.
        serving: Set from its first report on.
        gone: Set when the process has ended.
    """

    def __init__(
        self,
        number: int,
        on_ended: Callable[[WorkerProcess, str], None],
        on_samples: Callable[[list[Any]], None],
        on_change: Callable[[], None],
    ) -> None:
        """Describe a worker; :meth:`start` starts it.

        Args:
            number: Its place.
            on_ended: Told of each call that has ended, in order.
            on_samples: Given what it has counted.
            on_change: Called when it has reported, and when it is gone.
        """
        self.number = number
        self.born = self.heard = time.monotonic()
        self.report = Report()
        self.retiring = False
        self.cause: str | None = None
        self.gone = asyncio.Event()
        self.serving = asyncio.Event()
        self._on_ended = on_ended
        self._on_samples = on_samples
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._channel: Channel | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, _Asked] = {}
        self._last_number = 0

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process is not None else None

    @property
    def is_over(self) -> bool:
        """Whether it is gone, or takes no more calls."""
        return self.retiring or self.gone.is_set()

    @property
    def state(self) -> str:
        """For people: ``starting``, ``warming``, ``ready`` or ``retiring``."""
        if self.retiring:
            return "retiring"
        if not self.serving.is_set():
            return "starting"
        return "ready" if self.report.warm else "warming"

    @property
    def silence(self) -> float:
        """Seconds by which its next report is late, or 0."""
        return max(0.0, time.monotonic() - self.heard - 2 * PERIOD_SECS) if self.serving.is_set() else 0.0

    async def start(self, settings: dict[str, Any]) -> None:
        """Start the process; it serves when :attr:`serving` is set.

        Raises:
            OSError: It cannot be started.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._channel = await Channel.open(ours)
            self._channel.send({"t": "settings", "worker": self.number, "settings": settings})
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "pipecat_runner._pool.worker", str(theirs.fileno())),
                    pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL,
                    # Standard output belongs to the parent's one line.
                    stdout=sys.stderr.fileno(),
                    env={name: value for name, value in os.environ.items() if name != "RUNNER_TOKEN"},
                )
            except BaseException:
                await self._channel.close()
                raise
        self._reading = asyncio.create_task(self._read(self._channel, self._process), name=f"worker-{self.number}")

    async def ask(self, method: str, target: str, body: bytes = b"", media_type: str = "application/json") -> Answer:
        """Put a request to its application.

        Raises:
            WorkerLost: It ended first.
        """
        if self._channel is None or self.gone.is_set():
            raise WorkerLost(f"worker {self.number} has ended", begun=False)
        self._last_number = number = self._last_number + 1
        asked = _Asked(asyncio.get_running_loop().create_future())
        self._asked[number] = asked
        try:
            self._channel.send(
                {"t": "request", "n": number, "method": method, "target": target, "type": media_type}, body
            )
            await self._channel.drain()
            return await asked.answer
        finally:
            del self._asked[number]

    def end(self, *, lost: bool) -> None:
        """Tell it to end its calls and itself.

        Args:
            lost: Calls that are cut off are to be started again elsewhere.
        """
        self.retiring = True
        if self._channel is not None:
            self._channel.send({"t": "end", "lost": lost})

    def kill(self, cause: str | None = None) -> None:
        """End it at once, whatever it does."""
        self.cause = self.cause or cause
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def wait_gone(self, limit_secs: float) -> None:
        """Wait for its end, if it was started; after the limit, bring it about."""
        if self._reading is None:
            return
        try:
            async with asyncio.timeout(limit_secs):
                await self.gone.wait()
        except TimeoutError:
            if limit_secs > 0:
                logger.error("worker {} did not end within {:g} s and is killed", self.number, limit_secs)
            self.kill()
            await self.gone.wait()

    async def _read(self, channel: Channel, process: asyncio.subprocess.Process) -> None:
        try:
            while True:
                head, body = await channel.receive()
                self._take(head, body)
        except EOFError:
            pass
        except Exception:  # noqa: BLE001 - what cannot be understood must not be waited for
            logger.exception("worker {} sent what cannot be understood and is killed", self.number)
            self.kill()
        # Without its channel it is of no use, and ends by itself or is ended.
        try:
            async with asyncio.timeout(_EXIT_SECS):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()
        await channel.close()
        self.gone.set()
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(WorkerLost(f"worker {self.number} ended", begun=asked.begun))
        self._on_change()

    def _take(self, head: Head, body: bytes) -> None:
        self.heard = time.monotonic()
        match head["t"]:
            case "report":
                self.report = Report(**head["report"])
                self._on_samples(head["samples"])
                self.serving.set()
                self._on_change()
            case "ended":
                self._on_ended(self, head["id"])
            case "taken":
                if asked := self._asked.get(head["n"]):
                    asked.begun = True
            case "answer":
                asked = self._asked.get(head["n"])
                if asked is not None and not asked.answer.done():
                    asked.answer.set_result(Answer(head["status"], head["type"], body))
