"""What the watches of model, recogniser and voice share: the chain they follow, and work beside the seat's own way."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from pipecat_runner._parts.care import Care, Chain
from pipecat_runner._parts.watch import Watch


class ChainWatch(Watch):
    """A watch that may act: give the seat to another, tell, wait."""

    def __init__(self, care: Care, *, stall_secs: float) -> None:
        """Prepare.

        Args:
            care: What is common to the call.
            stall_secs: What was asked for and does not come within this has failed.
        """
        self._care = care
        self._stall_secs = stall_secs
        self._timer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.chain: Chain

    def follow(self, chain: Chain) -> None:
        """Name those who may have the seat."""
        self.chain = chain

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        _ = self._work(work)

    def _work(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self.chain.seat.create_task(work, f"{self.chain.part}-care")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            await self.chain.seat.cancel_task(task)
