"""Runs pipecat pipelines for pipecat-manager: one process, many calls, driven over HTTP.

``create_app(Settings())`` is the service as an ASGI application; ``python -m pipecat_runner`` serves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipecat_runner._app import create_app
    from pipecat_runner._settings import Settings

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> object:
    # Imported when asked for: importing pipecat takes seconds and logs, so the process sets up its logging first.
    if name == "create_app":
        from pipecat_runner._app import create_app

        return create_app
    if name == "Settings":
        from pipecat_runner._settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
