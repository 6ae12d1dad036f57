"""The demo's business system: answers the agent's tool as a webhook."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Bank(ThreadingHTTPServer):
    """Keeps what it was asked, so that the demo can check it."""

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = token
        self.asked: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the tool's webhook is."""
        return f"http://127.0.0.1:{self.server_address[1]}/balance"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bank

    def do_POST(self) -> None:
        """Answers {"balance": …} to who knows the token and sends an idempotency key."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self._answer(401, {"error": "wrong token"})
        elif not self.headers.get("Idempotency-Key"):
            self._answer(400, {"error": "no Idempotency-Key"})
        else:
            self.server.asked.append(body)
            self._answer(200, {"balance": "forty two dollars and seventeen cents"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: tool arguments stay out of logs."""
