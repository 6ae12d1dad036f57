"""What docs/protocol/amqp-rpc.md says of keys and values, as a client in another language writes it down."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlparse

import redis

from support import documented
from support.daemon import Daemon
from support.platform import Platform
from support.rabbit import SHARED_QUEUE, Answer, Event, host_queue
from support.runner import ScriptedRunner
from support.wait import until

HOST = "127.0.0.2"
QUEUES = [SHARED_QUEUE, host_queue(HOST)]
ZERO = str(uuid.UUID(int=0))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

VOICES = ["stt_type", "stt_language", "tts_type", "tts_language", "tts_voice_id"]
RECORD = ["id", "customer_id", "activeflow_id", "reference_type", "reference_id", "host_id", "llm_type"]
RECORD += ["llm_messages", *VOICES, "tm_create", "tm_update", "tm_delete", "status", "end_reason", "tm_end"]
RECORD_ALWAYS = ["id", "customer_id", "activeflow_id", "reference_id", "tm_create", "tm_update", "tm_delete"]
CALL = ["customer_id", "pipecatcall_id", "pipecatcall_reference_type", "pipecatcall_reference_id", "activeflow_id"]
MESSAGE = ["id", *CALL, "in_reply_to_message_id", "text", "sequence", "estimated"]
MESSAGE_ALWAYS = ["id", "customer_id", "pipecatcall_id", "pipecatcall_reference_id", "activeflow_id"]
MESSAGE_ALWAYS += ["in_reply_to_message_id"]


def check_keys(data: dict[str, Any], order: list[str], always: list[str]) -> None:
    """Only known keys, in their order; empty text and lists left out; UUIDs as the contract writes them."""
    assert list(data) == [key for key in order if key in data]
    assert set(always) <= set(data)
    for key, value in data.items():
        assert value not in ("", [], {}), f"{key} is empty and there"
        if key == "id" or (key.endswith("_id") and key not in ("host_id", "tts_voice_id", "tool_call_id")):
            assert UUID.fullmatch(value), f"{key}: {value}"
        if key.startswith("tm_"):
            assert value is None or TIME.fullmatch(value), f"{key}: {value}"


def check_record(record: dict[str, Any]) -> None:
    """The record's table."""
    check_keys(record, RECORD, RECORD_ALWAYS)
    assert record["status"] in {"starting", "live", "ending", "ended"}
    assert ("end_reason" in record) == (record["status"] in {"ending", "ended"})
    assert ("tm_end" in record) == (record["status"] == "ended")
    assert record["tm_delete"] is None
    assert record["tm_create"] is not None


def check_answer(answer: Answer) -> Any:
    """The envelope of a 200, and its data."""
    assert list(answer.raw) == ["status_code", "data_type", "data"], answer.raw
    assert answer.status == 200, answer.raw
    assert answer.data_type == "application/json"
    documented.check_rpc(answer.raw)
    check_properties(answer)
    return answer.data


def check_refusal(answer: Answer, code: int, status: str, reason: str) -> str:
    """The envelope and the four keys of a refusal; its message."""
    assert list(answer.raw) == ["status_code", "data_type", "data"], answer.raw
    assert (answer.status, answer.data_type) == (code, "voipbin_error"), answer.raw
    assert list(answer.data) == ["status", "reason", "domain", "message"]
    assert (answer.data["status"], answer.data["reason"], answer.data["domain"]) == (
        status,
        reason,
        "pipecat-manager",
    ), answer.raw
    assert answer.data["message"]
    documented.check_rpc(answer.raw)
    check_properties(answer)
    return str(answer.data["message"])


def check_properties(answer: Answer) -> None:
    """Transient text."""
    assert answer.properties.content_type == "text/plain"
    assert answer.properties.delivery_mode == 1


def check_event(event: Event) -> None:
    """The envelope and the properties of an event."""
    assert list(event.body) == ["type", "publisher", "data_type", "data"]
    assert (event.body["publisher"], event.body["data_type"]) == ("pipecat-manager", "application/json")
    documented.check_event(event.body)
    properties = event.properties
    assert properties.content_type == "text/plain"
    assert properties.delivery_mode == (1 if event.type == "message_bot_llm_intermediate" else 2)
    assert UUID.fullmatch(properties.message_id)
    assert abs(properties.timestamp - datetime.now().timestamp()) < 600
    assert event.sequence >= 1


@dataclass
class Contract:
    """One daemon with its platform and its runner."""

    platform: Platform
    daemon: Daemon
    runner: ScriptedRunner
    old_rows: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, uri: str, data: Any = None, **how: Any) -> Any:
        """The data of a request that is served."""
        answer = check_answer(self.platform.rpc.call(method, uri, data, **how))
        documented.check_answer(method, uri, answer)
        return answer

    def record(self, call_id: str) -> dict[str, Any]:
        """The record of a call as it is now."""
        record: dict[str, Any] = self.ask("GET", f"/v1/pipecatcalls/{call_id}")
        check_record(record)
        return record

    def live(self, call_id: str) -> Event:
        """Waits until a call is live; the event that says so."""
        return until("it is live", lambda: self.platform.events.of(call_id, "pipecatcall_initialized"))[0]

    def terminated(self, call_id: str) -> Event:
        """Waits until a call is over; the event that says so."""
        return until("it is over", lambda: self.platform.events.of(call_id, "pipecatcall_terminated"))[0]

    def stop(self, call_id: str) -> Event:
        """Stops a call and waits until it is over."""
        check_record(self.ask("POST", f"/v1/pipecatcalls/{call_id}/stop"))
        return self.terminated(call_id)

    def cached(self, call_id: str) -> tuple[Any, int]:
        """The cache's value of a call, and for how many seconds it stays."""
        at = urlparse(self.daemon_redis)
        with redis.Redis(host=at.hostname or "", port=at.port or 6379, db=1) as cache:
            value = cache.get(f"pipecatcall:{call_id}")
            return json.loads(value) if value else None, int(cache.ttl(f"pipecatcall:{call_id}"))

    @property
    def daemon_redis(self) -> str:
        return self.platform.services.environment["PIPECAT_REDIS_URL"]

    def row(self, call_id: str) -> dict[str, Any]:
        """The row of a call, or an empty one."""
        sql = "SELECT * FROM pipecat_pipecatcalls WHERE id = UNHEX(%s)"
        return next(iter(self.platform.database.rows(sql, call_id.replace("-", ""))), {})

    @contextmanager
    def nothing_happens(self) -> Iterator[None]:
        """No row, no event and no request to another manager comes of what is done within."""
        before = self._traces()
        yield
        # A request that is served after ours proves that ours is done; its event that the relay has been through.
        call = self.platform.start_call()
        self.live(call)
        self.stop(call)
        events = [e for e in self.platform.events.all[before[1] :] if e.call_id != call]
        # Of calls of other tests, events may still come; of new ones they may not.
        assert not [e for e in events if e.type == "pipecatcall_created"]
        assert self._traces()[0] == before[0] + 1

    def _traces(self) -> tuple[int, int]:
        (row,) = self.platform.database.rows("SELECT COUNT(*) AS n FROM pipecat_pipecatcalls")
        return row["n"], len(self.platform.events.all)


def body(**more: Any) -> dict[str, Any]:
    """A start of a telephone call."""
    return {
        "id": str(uuid.uuid4()),
        "customer_id": str(uuid.uuid4()),
        "activeflow_id": str(uuid.uuid4()),
        "reference_type": "call",
        "reference_id": str(uuid.uuid4()),
        "llm_type": "openai.gpt-test",
        "stt_type": "whisper",
        "tts_type": "piper",
        **more,
    }
