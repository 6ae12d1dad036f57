"""The parent: serves HTTP for its workers, as a service of its own or as a daemon's child."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Generator

import uvicorn
from loguru import logger

from pipecat_runner._observe.meters import Meters
from pipecat_runner._pool.front import Front
from pipecat_runner._pool.pool import Pool
from pipecat_runner._settings import Settings

_BACKLOG = 2048


class _Server(uvicorn.Server):
    """Leaves signals alone: what they mean here is more than to stop accepting."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


class _Orders:
    """What the process was told from outside, once and twice."""

    def __init__(self) -> None:
        """Nothing yet; listen to signals from now on."""
        self.drain = asyncio.Event()
        self.stop = asyncio.Event()
        self.abort = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self.drain.is_set() or self.stop.is_set():
            self.abort.set()
        self.drain.set()


def serve(settings: Settings) -> int:
    """Serve until a signal, or in child mode the end of stdin; answers the exit code."""
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as e:
        logger.error("cannot listen on {}:{}: {}", settings.host, settings.port, e.strerror)
        return 1
    with listener:
        return asyncio.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> int:
    orders, meters = _Orders(), Meters()
    pool = Pool(settings, meters)
    app = Front(settings, pool, meters).app()
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    announcing = asyncio.create_task(_announce(settings, listener, pool, orders))
    pool.start()
    try:
        await _first(serving, pool.hopeless, orders.drain, orders.stop)
        ending = asyncio.create_task(_end(settings, pool, orders))
        await _first(ending, orders.abort)
    finally:
        announcing.cancel()
        ending.cancel()
        await asyncio.gather(announcing, ending, return_exceptions=True)
        await pool.abort()
        server.should_exit = True
        server.force_exit = orders.abort.is_set()
        await serving
    if pool.hopeless.is_set():
        logger.error("the runner ends, because it has no workers; see above for why")
        return 1
    return 0


async def _end(settings: Settings, pool: Pool, orders: _Orders) -> None:
    if orders.drain.is_set():
        draining = asyncio.create_task(pool.drain(settings.drain_timeout_secs))
        await _first(draining, orders.stop)
        draining.cancel()
    # A daemon that ended our stdin ends its calls itself; for any other the calls are lost with us, not over.
    await pool.close(lost=not orders.stop.is_set())


async def _announce(settings: Settings, listener: socket.socket, pool: Pool, orders: _Orders) -> None:
    ending = asyncio.create_task(_stdin_end()) if settings.child else None
    warm = asyncio.create_task(pool.wait_until_warm())
    await asyncio.wait({task for task in (warm, ending) if task is not None}, return_when=asyncio.FIRST_COMPLETED)
    if warm.done():
        port = listener.getsockname()[1]
        logger.info("listening on {}:{}", settings.host, port)
        if ending is not None:
            print(json.dumps({"event": "listening", "port": port}), flush=True)  # noqa: T201 - the line the daemon waits for
    warm.cancel()
    if ending is not None:
        await ending
        logger.info("stdin has ended; shutting down")
        orders.stop.set()


async def _first(*ends: asyncio.Event | asyncio.Task[None]) -> None:
    """Wait for the first of these."""
    waits = {end if isinstance(end, asyncio.Task) else asyncio.create_task(end.wait()) for end in ends}
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits - {end for end in ends if isinstance(end, asyncio.Task)}:
        wait.cancel()


async def _stdin_end() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(4096):
            pass
    finally:
        transport.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)
