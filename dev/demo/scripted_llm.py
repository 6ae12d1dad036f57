"""A model without a model: a server that speaks the OpenAI chat-completions streaming protocol and follows a script.

The demo uses it so that a conversation needs no key and no network. It looks at the last message only: what the user
said decides the answer, and the result of a tool is put into a sentence. Replies are streamed word by word.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORD_SECONDS = 0.02
"""Pause between two streamed words; a fast hosted model."""

LONG_ANSWER = (
    "Here is the forecast for the whole week. Monday starts with fog and ends with sunshine. "
    "Tuesday brings rain from the west, and the wind will be strong along the coast. "
    "Wednesday stays cloudy and cool. Thursday will be dry with long sunny spells. "
    "Friday turns warm, and the weekend will be the best of the whole month."
)


def decide(messages: list[dict[str, Any]]) -> tuple[str, tuple[str, dict[str, Any]] | None]:
    """Returns the text to say and the tool to call, either of which may be empty."""
    last = messages[-1] if messages else {}
    if last.get("role") == "tool":
        return _answer_from_tool(str(last.get("content", ""))), None
    said = _text(last).lower()
    if "balance" in said:
        return "", ("account_balance", {"account": "checking"})
    if "weather" in said or "forecast" in said:
        return LONG_ANSWER, None
    if "bye" in said:
        return "Thank you for calling. Goodbye.", ("hang_up", {})
    if "stop" in said or "enough" in said:
        return "Of course, I will stop. What else can I do for you?", None
    return "I am sorry, I did not understand that. Could you say it again?", None


def _answer_from_tool(content: str) -> str:
    try:
        result = json.loads(content)
    except ValueError:
        return "I could not look that up."
    data = result.get("data") if isinstance(result, dict) else None
    if isinstance(data, dict) and "balance" in data:
        return f"Your balance is {data['balance']}. Is there anything else?"
    return "I am sorry, I could not look that up."


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content if isinstance(part, dict))
    return str(content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answers a chat completion as a stream of server-sent events."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        text, tool = decide(body.get("messages", []))
        try:
            self._delta({"role": "assistant", "content": ""})
            for i, word in enumerate(text.split(" ") if text else []):
                self._delta({"content": word if i == 0 else " " + word})
                time.sleep(WORD_SECONDS)
            if tool:
                call = {"name": tool[0], "arguments": json.dumps(tool[1])}
                call_id = f"call_{time.monotonic_ns():x}"
                self._delta({"tool_calls": [{"index": 0, "id": call_id, "type": "function", "function": call}]})
            self._delta({}, "tool_calls" if tool else "stop")
            self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # the bot was interrupted and no longer wants the answer
        self.close_connection = True

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> None:
        chunk = {
            "id": "chatcmpl-scripted",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": "scripted",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: what people say stays out of logs."""


def start() -> tuple[ThreadingHTTPServer, str]:
    """Starts the server on a free loopback port; returns it and its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}/v1"
