"""The public HTTP side: what ``_app`` answers in a process of its own, answered for all workers.

``/run``, ``/stop`` and ``/providers`` are put to a worker and its answer is passed on as it is; ``/health`` and
``/metrics`` are the parent's own.
"""

from __future__ import annotations

import json
from importlib.metadata import version

import psutil
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipecat_runner._auth import WANTED, is_authorized
from pipecat_runner._errors import RunnerError
from pipecat_runner._observe.meters import Meters
from pipecat_runner._pool.admission import Refused
from pipecat_runner._pool.pool import Pool
from pipecat_runner._pool.process import Answer
from pipecat_runner._settings import Settings

# A conversation's history and a team's prompts are some hundred kilobytes.
_MAX_BODY_BYTES = 8 << 20
# As in the schema of a request; any other is a worker's to refuse.
_MAX_ID_CHARS = 200
_CAUSES = {
    400: "configuration",
    404: "unknown",
    409: "duplicate",
    413: "too_large",
    422: "malformed",
    502: "link",
    503: "worker_full",
    504: "timeout",
}


class Front:
    """The routes."""

    def __init__(self, settings: Settings, pool: Pool, meters: Meters) -> None:
        """Answer for a pool."""
        self._settings = settings
        self._pool = pool
        self._meters = meters
        self._versions = {"version": version("pipecat-runner"), "pipecat": version("pipecat-ai")}
        self._process = psutil.Process()

    def app(self) -> Starlette:
        """As an ASGI application."""
        return Starlette(
            routes=[
                Route("/run", self._run, methods=["POST"]),
                Route("/stop", self._stop, methods=["POST"]),
                Route("/health", self._health, methods=["GET"]),
                Route("/providers", self._providers, methods=["GET"]),
                Route("/metrics", self._page, methods=["GET"]),
            ],
            exception_handlers={RunnerError: _on_runner_error, HTTPException: _on_http_error},
        )

    async def _run(self, request: Request) -> Response:
        self._authorize(request)
        try:
            response = await self._start(request)
        except Refused as e:
            self._meters.count("refusals", cause=e.cause)
            raise
        except RunnerError as e:
            self._meters.count("refusals", cause=_CAUSES.get(e.status, "internal"))
            raise
        if response.status_code != 200:
            self._meters.count("refusals", cause=_CAUSES.get(response.status_code, "internal"))
        return response

    async def _start(self, request: Request) -> Response:
        body = await _body(request)
        media_type = request.headers.get("content-type", "")
        call_id = _call_id(body)
        if call_id is None:
            return _pass_on(await self._pool.ask_any("POST", "/run", body, media_type))
        return _pass_on(await self._pool.run(call_id, body, media_type))

    async def _stop(self, request: Request) -> Response:
        self._authorize(request)
        call_id = request.query_params.get("id")
        if call_id is None:
            return _pass_on(await self._pool.ask_any("POST", f"/stop?{request.url.query}", b"", ""))
        return _pass_on(await self._pool.stop(call_id, request.url.query))

    async def _health(self, _: Request) -> Response:
        warm = self._pool.count_warm()
        status = "draining" if self._pool.draining else "ok" if warm else "warming"
        workers = {"warm": warm, "wanted": self._pool.size}
        return JSONResponse({"status": status, "sessions": len(self._pool), **self._versions, "workers": workers})

    async def _providers(self, request: Request) -> Response:
        self._authorize(request)
        return _pass_on(await self._pool.ask_any("GET", f"/providers?{request.url.query}".rstrip("?"), b"", ""))

    async def _page(self, request: Request) -> Response:
        self._authorize(request)
        self._pool.show(self._meters)
        self._meters.set("resident_bytes", self._process.memory_info().rss, worker="0")
        return Response(self._meters.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _authorize(self, request: Request) -> None:
        if not is_authorized(self._settings.token, request.headers.get("authorization")):
            raise HTTPException(401, WANTED, {"WWW-Authenticate": "Bearer"})


async def _on_runner_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RunnerError)
    return JSONResponse({"detail": str(error)}, error.status)


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


def _pass_on(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=answer.media_type)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY_BYTES:
            raise HTTPException(413, f"the request is larger than {_MAX_BODY_BYTES >> 20} MiB")
    return bytes(body)


def _call_id(body: bytes) -> str | None:
    """The id of a call to start; None where there is no proper one, and a worker is to say so."""
    try:
        call_id = json.loads(body)["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return call_id if isinstance(call_id, str) and 1 <= len(call_id) <= _MAX_ID_CHARS else None
