"""The tone runner with a script: it plays its tone, and says what a test wants a pipeline to have said."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import threading
import urllib.request
from types import ModuleType
from typing import Any

from support.daemon import HOME
from support.wait import until


def _tone_runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tone_runner", HOME / "dev/load/tone_runner.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TONES = _tone_runner()


class _Calls(TONES.Calls):  # type: ignore[name-defined,misc] # loaded by its path
    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, dict[str, Any]] = {}
        self.sockets: dict[str, Any] = {}

    async def run(self, body: dict[str, Any]) -> None:
        self.bodies[body["id"]] = body
        await super().run(body)

    async def _play(self, socket: Any, window_ms: int) -> None:
        # The path of a link ends with /<call>/ws.
        self.sockets[socket.request.path.partition("?")[0].split("/")[-2]] = socket
        await super()._play(socket, window_ms)


class ScriptedRunner:
    """One in this process, on a loop in a thread of its own. Use as a context manager."""

    def __init__(self) -> None:
        self._calls = _Calls()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="runner", daemon=True)

    def __enter__(self) -> ScriptedRunner:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: TONES._serve(self._calls, r, w), "127.0.0.1", 0)

    def body(self, call_id: str) -> dict[str, Any]:
        """What ``/run`` was given for a call."""
        return until("the runner is asked to run it", lambda: self._calls.bodies.get(call_id))

    def knows(self, call_id: str) -> bool:
        """Whether a call ever reached the runner."""
        return call_id in self._calls.bodies

    def say(self, call_id: str, kind: str, data: dict[str, Any] | None = None) -> None:
        """An RTVI message from the pipeline of a call."""
        message: dict[str, Any] = {"label": "rtvi-ai", "type": kind, "id": "m"}
        if data is not None:
            message["data"] = data
        text = json.dumps(message).encode()
        # MessageFrame.data inside Frame.message.
        inner = b"\x0a" + TONES._varint(len(text)) + text
        self._send(call_id, bytes((TONES.CLIENT_MESSAGE,)) + TONES._varint(len(inner)) + inner)

    def interrupt(self, call_id: str) -> None:
        """What a pipeline sends when the caller's turn starts: an empty Frame.interruption."""
        self._send(call_id, b"\x2a\x00")

    def post(self, call_id: str, address: str, data: dict[str, Any]) -> dict[str, Any]:
        """The answer to a callback of a call: ``tools_url`` or ``member_switched_url``."""
        link = self.body(call_id)["link"]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {link['token']}"}
        request = urllib.request.Request(link[address], json.dumps(data).encode(), headers)
        with urllib.request.urlopen(request, timeout=15) as response:
            answer: dict[str, Any] = json.loads(response.read())
            return answer

    def _send(self, call_id: str, frame: bytes) -> None:
        socket = until("the runner's link is open", lambda: self._calls.sockets.get(call_id))
        asyncio.run_coroutine_threadsafe(socket.send(frame), self._loop).result(10)

    def leave(self, call_id: str) -> None:
        """Closes the link of a call in order, as a pipeline does that is done."""
        socket = until("the runner's link is open", lambda: self._calls.sockets.get(call_id))
        asyncio.run_coroutine_threadsafe(socket.close(), self._loop).result(10)
