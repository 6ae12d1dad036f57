"""OpenAI's Realtime API.

Source: https://platform.openai.com/docs/api-reference/realtime-client-events and …/realtime-server-events.
"""

from __future__ import annotations

import base64
import itertools
import json
import socket
import threading
import time
from http import HTTPStatus
from typing import Any

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from tests.providers.servers.streaming import Call
from tests.providers.servers.talking import RATE, TalkingServer, refusal, spoken


class OpenAiRealtimeServer(TalkingServer):
    """``wss://…/v1/realtime?model=…``."""

    def __init__(self, heard: str = "What is my balance?") -> None:
        super().__init__()
        self._heard = heard
        self._ids = itertools.count(1)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def refuse(self, socket: ServerConnection, scenario: str) -> Response | None:
        status, code = {
            "bad key": (HTTPStatus.UNAUTHORIZED, "invalid_api_key"),
            "limit": (HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded"),
        }[scenario]
        error = {"message": "refused", "type": "invalid_request_error", "code": code, "param": None}
        return refusal(status, json.dumps({"error": error}))

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        super()._admit(socket, request)
        scenario = self.fails_now("bad key", "limit")
        return self.refuse(socket, scenario) if scenario else None

    def converse(self, socket: ServerConnection) -> None:
        conversation = _Conversation(self, socket, self._ids, self._heard)
        for message in socket:
            event = json.loads(message)
            self.sent.append(event)
            conversation.take(event)


class _Conversation:
    """One session's state."""

    def __init__(self, server: TalkingServer, socket: ServerConnection, ids: itertools.count[int], heard: str) -> None:
        self._server = server
        self._socket = socket
        self._ids = ids
        self._heard = heard
        self._active: str | None = None
        self._lock = threading.Lock()
        self._send("session.created", session={"type": "realtime", "id": "sess_1", "object": "realtime.session"})

    def _send(self, kind: str, **more: Any) -> None:
        self._socket.send(json.dumps({"type": kind, "event_id": f"event_{next(self._ids)}", **more}))

    def take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._send("session.updated", session={"type": "realtime", "object": "realtime.session"})
            case "conversation.item.create":
                self._item(event["item"])
            case "input_audio_buffer.append":
                self._server.heard_ms += len(base64.b64decode(event["audio"])) / 2 / RATE * 1000
            case "input_audio_buffer.commit":
                self._committed()
            case "response.create":
                self._respond(event)
            case "response.cancel":
                self._cancel()

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        whole = {"object": "realtime.item", "status": "completed", **item}
        self._send("conversation.item.added", previous_item_id=None, item=whole)
        return whole

    def _committed(self) -> None:
        item_id = f"item_{next(self._ids)}"
        self._send("input_audio_buffer.committed", previous_item_id=None, item_id=item_id)
        content = [{"type": "input_audio", "transcript": None}]
        self._item({"id": item_id, "type": "message", "role": "user", "content": content})
        self._send(
            "conversation.item.input_audio_transcription.completed",
            item_id=item_id,
            content_index=0,
            transcript=self._heard,
        )

    def _cancel(self) -> None:
        with self._lock:
            active, self._active = self._active, None
        if active is None:
            error = {"type": "invalid_request_error", "code": "response_cancel_not_active", "message": "nothing runs"}
            self._send("error", error=error)
        else:
            self._done(active, "cancelled")

    def _done(self, response: str, status: str) -> None:
        usage = {"total_tokens": 18, "input_tokens": 11, "output_tokens": 7}
        done = {"id": response, "object": "realtime.response", "status": status, "output": [], "usage": usage}
        self._send("response.done", response={**done, "status_details": None})

    def _respond(self, event: dict[str, Any]) -> None:
        scenario = self._server.fails_now("stall", "drop", "garbage")
        if scenario == "stall":
            return
        response = f"resp_{next(self._ids)}"
        self._active = response
        made = {"id": response, "object": "realtime.response", "status": "in_progress", "output": []}
        self._send("response.created", response={**made, "status_details": None, "usage": None})
        if scenario == "garbage":
            self._socket.send('{"type": "response.output_audio.delta", "delta":')
            return
        instructions = (event.get("response") or {}).get("instructions") or ""
        if "word for word" in instructions:
            answer: str | Call = instructions.rpartition("else: ")[2]
        else:
            answer = self._server.next_answer()
        if isinstance(answer, Call):
            self._call(response, answer)
        else:
            threading.Thread(target=self._talk, args=(response, answer, scenario), daemon=True).start()

    def _call(self, response: str, call: Call) -> None:
        call_id = f"call_{next(self._ids)}"
        item_id = f"item_{next(self._ids)}"
        item = {"id": item_id, "type": "function_call", "name": call.name, "call_id": call_id, "arguments": ""}
        self._item(item)
        self._send(
            "response.function_call_arguments.done",
            response_id=response,
            item_id=item_id,
            output_index=0,
            call_id=call_id,
            name=call.name,
            arguments=json.dumps(call.arguments),
        )
        self._active = None
        self._done(response, "completed")

    def _talk(self, response: str, answer: str, scenario: str | None) -> None:
        item_id = f"item_{next(self._ids)}"
        where = {"response_id": response, "item_id": item_id, "output_index": 0, "content_index": 0}
        self._item({"id": item_id, "type": "message", "role": "assistant", "content": [], "status": "in_progress"})
        for i, (word, pcm) in enumerate(spoken(answer)):
            with self._lock:
                if self._active != response:
                    return
                # What is said runs ahead of how it sounds, and both ahead of the clock.
                self._send("response.output_audio_transcript.delta", **where, delta=word)
                self._send("response.output_audio.delta", **where, delta=base64.b64encode(pcm).decode())
            if scenario == "drop" and i == 1:
                self._socket.socket.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(len(pcm) / 2 / RATE / 10)
        with self._lock:
            if self._active != response:
                return
            self._active = None
            self._send("response.output_audio.done", **where)
            self._send("response.output_audio_transcript.done", **where, transcript=answer)
            self._done(response, "completed")
