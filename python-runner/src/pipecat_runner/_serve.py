"""Serves the application on a socket, as a service of its own or as a daemon's child."""

from __future__ import annotations

import asyncio
import json
import sys

import uvicorn
from fastapi import FastAPI
from loguru import logger

from pipecat_runner._app import create_app
from pipecat_runner._memory import freeze_imports
from pipecat_runner._settings import Settings
from pipecat_runner._speech.local import LocalSpeech


def serve(settings: Settings) -> int:
    """Serve until a signal, or in child mode the end of stdin; answers the exit code."""
    speech = LocalSpeech()
    app = create_app(settings, speech=speech)
    freeze_imports()
    return asyncio.run(_serve(settings, app, speech))


async def _serve(settings: Settings, app: FastAPI, speech: LocalSpeech) -> int:
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.host, port=settings.port, log_config=None, access_log=False, lifespan="on")
    )
    serving = asyncio.create_task(server.serve())
    announcing = asyncio.create_task(_announce(settings, server, speech))
    try:
        await serving
    finally:
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)
    return 0 if server.started else 1


async def _announce(settings: Settings, server: uvicorn.Server, speech: LocalSpeech) -> None:
    # uvicorn has no event for this.
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    ending = asyncio.create_task(_stdin_end()) if settings.child else None
    await speech.wait_until_warm()
    port = server.servers[0].sockets[0].getsockname()[1]
    logger.info("listening on {}:{}", settings.host, port)
    if ending is not None:
        print(json.dumps({"event": "listening", "port": port}), flush=True)  # noqa: T201 - the line the daemon waits for
        await ending
        logger.info("stdin has ended; shutting down")
        server.should_exit = True


async def _stdin_end() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(4096):
            pass
    finally:
        transport.close()
