"""A language model without a model: the OpenAI streaming protocol, answers by script, and what was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Text to say, and a tool to call with its arguments.
Said = tuple[str, tuple[str, dict[str, Any]] | None]


class Model:
    """Use as a context manager."""

    def __init__(self, script: Callable[[list[dict[str, Any]]], Said]) -> None:
        self._script = script
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []

    def __enter__(self) -> Model:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                model.requests.append(body)
                model.authorizations.append(self.headers["authorization"])
                data = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in model.chunks(body)) + "data: [DONE]\n\n"
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("content-length", str(len(data.encode())))
                self.end_headers()
                self.wfile.write(data.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def chunks(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        text, tool = self._script(body["messages"])
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": word + " "} for word in text.split()]
        if tool is not None:
            # Numbered anew in every answer, as some servers do.
            function = {"name": tool[0], "arguments": json.dumps(tool[1])}
            deltas.append({"tool_calls": [{"index": 0, "id": "call_0", "type": "function", "function": function}]})
        finish = "stop" if tool is None else "tool_calls"
        return [_chunk(delta, None) for delta in deltas] + [_chunk({}, finish)]


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}
