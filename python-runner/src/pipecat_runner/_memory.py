"""Gives memory back to the system after calls have ended, and keeps the collector from holding up those that go on."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import time

from loguru import logger

# Calls often end together; one collection serves all that ended within this time.
_DELAY_SECS = 0.5
# A collection looks at everything the other calls hold; with calls that go on it comes no more often than this.
_PERIOD_SECS = 5.0


def freeze_imports() -> None:
    """Take what lives as long as the process out of the collector's sight: it then pauses the loop for 20 ms, not 200.

    Call it while there are no calls: what they hold would be kept, too.
    """
    gc.collect()
    gc.freeze()


class MemoryReturner:
    """Pipelines are full of reference cycles, and malloc keeps what the collector frees.

    Without this a process grows with every finished call; it is not a leak, but looks like one.
    """

    def __init__(self) -> None:
        """Find the C library's trim function, where there is one (glibc)."""
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._task: asyncio.Task[None] | None = None
        self._last = 0.0
        self._calls = 0
        self._frozen_modules = 0

    def request(self, calls: int) -> None:
        """Collect soon. Called on the event loop.

        Args:
            calls: How many go on.
        """
        self._calls = calls
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._collect_soon())

    def begins(self) -> None:
        """There is a call: from now on nothing is frozen."""
        self._calls += 1

    async def close(self) -> None:
        """Drop a collection that has not begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _collect_soon(self) -> None:
        left = self._last + _PERIOD_SECS - time.monotonic() if self._calls else 0.0
        await asyncio.sleep(max(_DELAY_SECS, left))
        self._last = time.monotonic()
        if not self._calls and len(sys.modules) != self._frozen_modules:
            # Providers are imported by the first call that wants them.
            self._frozen_modules = len(sys.modules)
            freeze_imports()
        else:
            gc.collect()
        logger.debug("collected in {:.0f} ms with {} calls", (time.monotonic() - self._last) * 1000, self._calls)
        if self._trim is not None:
            await asyncio.to_thread(self._trim, 0)
