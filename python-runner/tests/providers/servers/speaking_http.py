"""Voices that are asked by HTTP."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.providers.servers.speaking import Does, VoiceServer

# A quarter of a second at 24 kHz; a piece of a chunked answer.
_PIECE = 12_000


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Clients go away in the middle of what they asked for; that is nothing to report."""


class HttpVoiceServer(VoiceServer):
    """A voice behind HTTP; each request has a thread."""

    def __enter__(self) -> Any:
        outer = self
        self._over = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections += 1
                outer.open += 1

            def finish(self) -> None:
                super().finish()
                outer.open -= 1

            def do_POST(self) -> None:
                with outer.watching():
                    outer.respond(self, self.rfile.read(int(self.headers["content-length"])))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        self.tell()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def respond(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer a request."""
        raise NotImplementedError

    def answer(self, handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes, **headers: str) -> None:
        """Send a whole answer."""
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    def stream(self, handler: BaseHTTPRequestHandler, deed: Does, sound: bytes, kind: str) -> None:
        """Send sound in chunks, as far as it comes."""
        handler.send_response(200)
        handler.send_header("content-type", kind)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        if deed == "stall":
            self._over.wait(60)
            handler.close_connection = True
            return
        if deed == "silent":
            sound = b""
        if deed == "drop":
            sound = sound[: len(sound) // 4 * 2]
        for start in range(0, len(sound), _PIECE):
            piece = sound[start : start + _PIECE]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if deed == "drop":
            handler.close_connection = True
            return
        handler.wfile.write(b"0\r\n\r\n")
