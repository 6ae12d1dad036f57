"""A runner in a thread, served over real HTTP, so that a test and its peer can watch it from outside."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import httpx
import uvicorn

from pipecat_runner import Settings, create_app
from pipecat_runner._session import BotBuilder
from tests.support.peer import Peer

TOKEN = "link-token"


class Runner:
    """Use as a context manager."""

    def __init__(self, build: BotBuilder | None = None, **settings: Any) -> None:
        self._settings = Settings(warm_up=False, **settings)
        self._build = build

    def __enter__(self) -> Runner:
        app = create_app(self._settings, self._build)
        listener = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="runner", daemon=True)
        self._thread.start()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30)
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert self._thread.is_alive(), "the runner ended at once"
            assert time.monotonic() < deadline, "the runner did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive(), "the runner did not end"

    def _serve(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve([listener]))
            self.left_over = [task for task in asyncio.all_tasks(self._loop) if not task.done()]
        finally:
            self._loop.close()
            listener.close()

    def stall(self, seconds: float) -> None:
        """Block the runner's event loop."""
        self._loop.call_soon_threadsafe(time.sleep, seconds)

    def run(self, peer: Peer, call_id: str = "call", **body: Any) -> httpx.Response:
        """``POST /run`` with a link to the peer."""
        return self.http.post("/run", json=run_body(peer.url, call_id, **body))

    def start(self, peer: Peer, call_id: str = "call", **body: Any) -> None:
        """``POST /run`` that must succeed, and the handshake."""
        answer = self.run(peer, call_id, **body)
        assert answer.status_code == 200, answer.text
        peer.client_ready()

    def stop(self, call_id: str = "call", **query: Any) -> httpx.Response:
        """``POST /stop``."""
        return self.http.post("/stop", params={"id": call_id, **query})

    def sessions(self) -> int:
        """Calls the runner has."""
        return int(self.http.get("/health").json()["sessions"])

    def wait_idle(self, timeout: float = 20) -> None:
        """Wait until no call is left."""
        deadline = time.monotonic() + timeout
        while self.sessions():
            assert time.monotonic() < deadline, "a call was left over"
            time.sleep(0.02)


def run_body(ws_url: str, call_id: str = "call", **body: Any) -> dict[str, Any]:
    """A body of ``POST /run``."""
    link = {"ws_url": ws_url, "token": TOKEN, **body.pop("link", {})}
    return {"id": call_id, "link": link, **body}
