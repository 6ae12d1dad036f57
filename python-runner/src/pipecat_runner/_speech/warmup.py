"""Loads the local speech models while the process starts, so that no caller waits for it."""

from __future__ import annotations

import asyncio


class LocalSpeech:
    """The models shared by all calls."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._task: asyncio.Task[None] | None = None

    @property
    def is_warming(self) -> bool:
        """Whether models are being loaded."""
        return self._task is not None and not self._task.done()

    def start_warm_up(self) -> None:
        """Load and try what is installed."""

    async def wait_until_warm(self) -> None:
        """Wait for the models."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """End."""
