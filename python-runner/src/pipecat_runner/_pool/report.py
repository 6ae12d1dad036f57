"""What a worker tells about itself, and how it measures it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psutil

PERIOD_SECS = 0.5
_PROBE_SECS = 0.05
# Measures are over the last 3 s: long enough to be measures, short enough to follow a change.
_WINDOW_SECS = 3.0


@dataclass(frozen=True, slots=True)
class Report:
    """How a worker is.

    Attributes:
        warm: Its models are loaded.
        lag: How late its event loop was, 95th percentile of the last seconds, in seconds.
        cpu: CPU it and its helpers take, in cores, mean of the last seconds.
        rss: Bytes of memory it holds.
    """

    warm: bool = False
    lag: float = 0.0
    cpu: float = 0.0
    rss: int = 0

    def to_json(self) -> dict[str, Any]:
        """For the channel."""
        return asdict(self)


class Probe:
    """Measures the process and event loop it was made in."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._process = psutil.Process()
        self._helpers: dict[int, psutil.Process] = {}
        self._warm = False
        self._lags: deque[float] = deque([0.0], maxlen=int(_WINDOW_SECS / _PROBE_SECS))
        self._cpu: deque[tuple[float, float]] = deque(maxlen=int(_WINDOW_SECS / PERIOD_SECS))

    async def run(self) -> None:
        """Measure the loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _PROBE_SECS
            await asyncio.sleep(_PROBE_SECS)
            self._lags.append(max(0.0, loop.time() - due))

    def report(self, *, warm: bool, helpers: Iterable[int] = ()) -> Report:
        """How the process is now.

        Args:
            warm: Whether its models are loaded.
            helpers: Process ids of what works for it.
        """
        if warm and not self._warm:
            # What loading took says nothing about calls.
            self._warm = True
            self._cpu.clear()
            self._lags.clear()
            self._lags.append(0.0)
        now, cpu = time.monotonic(), self._cpu_secs(helpers)
        since, before = self._cpu[0] if self._cpu else (now, cpu)
        self._cpu.append((now, cpu))
        lags = sorted(self._lags)
        return Report(
            warm=warm,
            lag=round(lags[int(len(lags) * 0.95)], 4),
            # A helper that has ended takes its seconds along.
            cpu=round(max(0.0, cpu - before) / max(now - since, 1e-3), 3),
            rss=int(self._process.memory_info().rss),
        )

    def _cpu_secs(self, helpers: Iterable[int]) -> float:
        secs = 0.0
        alive: dict[int, psutil.Process] = {}
        for pid in helpers:
            with contextlib.suppress(psutil.Error):
                alive[pid] = self._helpers.get(pid) or psutil.Process(pid)
                secs += _busy_secs(alive[pid])
        self._helpers = alive
        return secs + _busy_secs(self._process)


def _busy_secs(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
