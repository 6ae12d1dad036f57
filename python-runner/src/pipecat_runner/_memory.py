"""Gives memory back to the system after calls have ended."""

from __future__ import annotations

import asyncio
import ctypes
import gc

# Calls often end together; one collection serves all that ended within this time.
_DELAY_SECS = 0.5


def freeze_imports() -> None:
    """Take what was imported so far out of the collector's sight: it then pauses the loop for 20 ms, not 200."""
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

    def request(self) -> None:
        """Collect soon. Called on the event loop."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._collect_soon())

    async def close(self) -> None:
        """Drop a collection that has not begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _collect_soon(self) -> None:
        await asyncio.sleep(_DELAY_SECS)
        gc.collect()
        if self._trim is not None:
            await asyncio.to_thread(self._trim, 0)
