"""All calls of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from loguru import logger

from pipecat_runner._errors import DuplicateSession, RunnerFull, UnknownSession
from pipecat_runner._memory import MemoryReturner
from pipecat_runner._observe.samples import Samples
from pipecat_runner._schema import RunRequest
from pipecat_runner._session import BotBuilder, CallSession
from pipecat_runner._settings import Settings

if TYPE_CHECKING:
    from pipecat_runner._observe.tracing import Tracing


class SessionRegistry:
    """Starts, holds and ends calls. Belongs to the event loop."""

    def __init__(
        self,
        settings: Settings,
        build: BotBuilder,
        on_end: Callable[[str], None] | None = None,
        samples: Samples | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """Create an empty registry.

        Args:
            settings: Its bounds.
            build: Makes a call's bot.
            on_end: Told the id of each call the moment it is no longer here, also of one that did not start.
            samples: Where calls are counted.
            tracing: Where their spans go, if anywhere.
        """
        self._settings = settings
        self._build = build
        self._on_end = on_end
        self._samples = samples or Samples()
        self._tracing = tracing
        self._sessions: dict[str, CallSession] = {}
        self._watchers: set[asyncio.Task[None]] = set()
        self._memory = MemoryReturner()
        self._closing = False

    def __len__(self) -> int:
        """Calls being set up or running."""
        return len(self._sessions)

    async def start(self, request: RunRequest) -> None:
        """Start a call; returns when its pipeline runs.

        Raises:
            RunnerError: It was refused or did not start; nothing of it is left then.
        """
        if self._closing:
            raise RunnerFull("the runner is shutting down")
        if request.id in self._sessions:
            raise DuplicateSession(f"call {request.id} is already running")
        if len(self._sessions) >= self._settings.max_sessions:
            raise RunnerFull(f"all {self._settings.max_sessions} places are taken (RUNNER_MAX_SESSIONS)")
        session = CallSession(
            request,
            self._build,
            setup_timeout_secs=self._settings.setup_timeout_secs,
            samples=self._samples,
            tracing=self._tracing,
        )
        self._sessions[request.id] = session
        self._memory.begins()
        try:
            await session.start()
        except BaseException:
            self._forget(session)
            raise
        watcher = asyncio.create_task(self._forget_at_end(session))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def stop(self, call_id: str, *, drain: bool) -> None:
        """End a call.

        Raises:
            UnknownSession: There is no such call.
        """
        session = self._sessions.get(call_id)
        if session is None:
            raise UnknownSession(f"no call {call_id} is running")
        await session.stop(drain=drain)
        if not drain:
            # Its id is free when the answer is there.
            self._forget(session)

    async def close(self, *, lost: bool = False) -> None:
        """End all calls and wait for their ends, up to the shutdown deadline. A second time does nothing.

        Args:
            lost: The daemon is told that it lost its runner, and may start the calls again elsewhere.
        """
        self._closing = True
        sessions = list(self._sessions.values())
        if sessions:
            logger.info("ending {} calls", len(sessions))
            try:
                async with asyncio.timeout(self._settings.shutdown_timeout_secs):
                    await asyncio.gather(*(session.stop(lost=lost) for session in sessions), return_exceptions=True)
                    await asyncio.gather(*(session.wait() for session in sessions), return_exceptions=True)
            except TimeoutError:
                logger.error("{} calls did not end in time", len(self._sessions))
        for watcher in list(self._watchers):
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await self._memory.close()

    async def _forget_at_end(self, session: CallSession) -> None:
        await session.wait()
        self._forget(session)

    def _forget(self, session: CallSession) -> None:
        if self._sessions.get(session.id) is session:
            del self._sessions[session.id]
            if self._on_end is not None:
                self._on_end(session.id)
        self._memory.request(len(self._sessions))
