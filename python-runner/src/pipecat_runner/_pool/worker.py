"""A worker: ``python -m pipecat_runner._pool.worker FD`` runs today's application behind a channel, without a port.

It is started by the parent, with one end of a socket pair as its descriptor ``FD``, and ends when the other end does.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger

from pipecat_runner._logs import configure_logging
from pipecat_runner._pool.channel import Channel, Head, receive_first
from pipecat_runner._settings import Settings

if TYPE_CHECKING:
    import httpx

    from pipecat_runner._observe.samples import Samples
    from pipecat_runner._observe.tracing import Tracing
    from pipecat_runner._registry import SessionRegistry
    from pipecat_runner._speech.local import LocalSpeech

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve until the parent says so, or is gone."""
    # A service manager or a terminal signals every process of the service; the parent decides what becomes of it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    end = socket.socket(fileno=int(sys.argv[1]))
    try:
        first = receive_first(end)
    except EOFError:
        return 1
    settings = Settings.model_validate(first["settings"])
    configure_logging(settings.log_level, worker=first["worker"])
    # One thread per model: more only take time from other calls. Read by the numeric libraries when they load.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    asyncio.run(_serve(end, settings))
    return 0


def _die_with_parent() -> None:
    # Also a worker that hangs must not outlive its parent. Other systems than Linux have only the channel's end.
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


async def _serve(end: socket.socket, settings: Settings) -> None:
    # Imported here: the first lines of a worker must be quick, and its logging set up before pipecat logs.
    import httpx

    from pipecat_runner._app import create_app
    from pipecat_runner._bots.catalog import build_bot
    from pipecat_runner._observe.samples import Samples
    from pipecat_runner._platform_agent import PlatformAgent
    from pipecat_runner._registry import SessionRegistry
    from pipecat_runner._speech.local import LocalSpeech

    channel = await Channel.open(end)
    speech, samples, tracing = LocalSpeech(processes=settings.workers or 1), Samples(), _tracing()
    registry = SessionRegistry(
        settings,
        partial(build_bot, speech=speech, platform=PlatformAgent.load(settings.platform_agent)),
        on_end=lambda call_id: channel.send({"t": "ended", "id": call_id}),
        samples=samples,
        tracing=tracing,
    )
    app = create_app(settings, speech=speech, registry=registry)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://worker") as http,
    ):
        reporting = asyncio.create_task(_report(channel, speech, samples))
        freezing = asyncio.create_task(_freeze_when_warm(speech, registry))
        try:
            await _take_orders(channel, http, registry)
        finally:
            reporting.cancel()
            freezing.cancel()
            await asyncio.gather(reporting, freezing, return_exceptions=True)
    if tracing is not None:
        await tracing.close()
    await channel.close()


def _tracing() -> Tracing | None:
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    try:
        from pipecat_runner._observe.tracing import Tracing
    except ModuleNotFoundError:
        logger.error(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the optional extra 'tracing' is not installed; "
            "install it with dev/python-setup.sh tracing"
        )
        return None
    return Tracing(content=os.environ.get("RUNNER_TRACE_CONTENT") == "1")


async def _freeze_when_warm(speech: LocalSpeech, registry: SessionRegistry) -> None:
    from pipecat_runner._memory import freeze_imports

    await speech.wait_until_warm()
    if not len(registry):
        freeze_imports()


async def _take_orders(channel: Channel, http: httpx.AsyncClient, registry: SessionRegistry) -> None:
    answering: set[asyncio.Task[None]] = set()
    lost = True
    try:
        while True:
            head, body = await channel.receive()
            if head["t"] == "end":
                lost = head["lost"]
                break
            channel.send({"t": "taken", "n": head["n"]})
            task = asyncio.create_task(_answer(channel, http, head, body))
            answering.add(task)
            task.add_done_callback(answering.discard)
    except EOFError:
        pass
    await registry.close(lost=lost)
    for task in answering:
        task.cancel()
    await asyncio.gather(*answering, return_exceptions=True)


async def _answer(channel: Channel, http: httpx.AsyncClient, head: Head, body: bytes) -> None:
    answer = {"t": "answer", "n": head["n"], "type": "application/json"}
    try:
        response = await http.request(
            head["method"], head["target"], content=body, headers={"content-type": head["type"]}, timeout=None
        )
    except Exception:  # noqa: BLE001 - whoever asked must not wait for ever
        logger.exception("a request could not be answered")
        channel.send({**answer, "status": 500}, b'{"detail":"the request could not be answered"}')
    else:
        media_type = response.headers.get("content-type", answer["type"])
        channel.send({**answer, "status": response.status_code, "type": media_type}, response.content)


async def _report(channel: Channel, speech: LocalSpeech, samples: Samples) -> None:
    from pipecat_runner._pool.report import PERIOD_SECS, Probe

    probe = Probe()
    probing = asyncio.create_task(probe.run())
    try:
        while True:
            report = probe.report(warm=not speech.is_warming, helpers=speech.pids())
            channel.send({"t": "report", "report": report.to_json(), "samples": samples.take()})
            await asyncio.sleep(PERIOD_SECS)
    finally:
        probing.cancel()


if __name__ == "__main__":
    sys.exit(main())
