"""The HTTP side: ``POST /run``, ``POST /stop?id=``, ``GET /providers``, ``GET /health``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from pipecat_runner._auth import WANTED, is_authorized
from pipecat_runner._bots.catalog import build_bot
from pipecat_runner._errors import RunnerError
from pipecat_runner._platform_agent import PlatformAgent
from pipecat_runner._registry import SessionRegistry
from pipecat_runner._schema import RunRequest
from pipecat_runner._session import BotBuilder
from pipecat_runner._settings import Settings
from pipecat_runner._speech.local import LocalSpeech

# Of what is wrong with a request, named in the answer.
_SHOWN_FINDINGS = 5


def create_app(
    settings: Settings,
    build: BotBuilder | None = None,
    speech: LocalSpeech | None = None,
    registry: SessionRegistry | None = None,
) -> FastAPI:
    """Make the service of one process.

    Args:
        settings: How it behaves.
        build: Makes a bot for a request, in a thread; by default the bots of the catalog.
        speech: The local models, warmed up and closed with the application.
        registry: Holds the calls; by default one that makes them with ``build``.
    """
    speech = speech or LocalSpeech()
    if registry is None:
        platform = PlatformAgent.load(settings.platform_agent)
        registry = SessionRegistry(settings, build or partial(build_bot, speech=speech, platform=platform))
    calls = registry

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if settings.warm_up:
            speech.start_warm_up()
        try:
            yield
        finally:
            await calls.close()
            await speech.close()

    async def authorize(request: Request) -> None:
        if not is_authorized(settings.token, request.headers.get("authorization")):
            raise HTTPException(401, WANTED, {"WWW-Authenticate": "Bearer"})

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)

    @app.exception_handler(RunnerError)
    async def on_runner_error(_: Request, error: RunnerError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, error.status)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # Places and complaints only: the values are prompts and keys.
        found = [f"{'.'.join(str(part) for part in e['loc'][1:])}: {e['msg']}" for e in error.errors()]
        more = f" and {len(found) - _SHOWN_FINDINGS} more" if len(found) > _SHOWN_FINDINGS else ""
        return JSONResponse({"detail": "; ".join(found[:_SHOWN_FINDINGS]) + more}, 422)

    @app.post("/run", dependencies=[Depends(authorize)])
    async def run(request: RunRequest) -> dict[str, str]:
        await calls.start(request)
        return {"status": "ok", "message": "Pipeline initialized and started"}

    @app.post("/stop", dependencies=[Depends(authorize)])
    async def stop(call_id: Annotated[str, Query(alias="id")], drain: bool = False) -> dict[str, str]:
        await calls.stop(call_id, drain=drain)
        return {"status": "stopped", "id": call_id}

    @app.get("/providers", dependencies=[Depends(authorize)])
    def providers() -> dict[str, list[dict[str, Any]]]:
        # Runs in a thread: the tables bring pipecat's services with them when they are first used.
        from pipecat_runner._providers.catalog import describe

        return describe()

    @app.get("/health")
    async def health() -> dict[str, str | int]:
        return {
            "status": "warming" if speech.is_warming else "ok",
            "sessions": len(calls),
            "version": version("pipecat-runner"),
            "pipecat": version("pipecat-ai"),
        }

    return app
