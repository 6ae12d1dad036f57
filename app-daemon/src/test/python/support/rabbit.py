"""RabbitMQ as the platform's other services use it: requests, events, and stand-ins that answer."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection

# A broker that is away is part of some tests, and not worth a trace for each attempt.
logging.getLogger("pika").setLevel(logging.CRITICAL)

SHARED_QUEUE = "bin-manager.pipecat-manager.request"
EVENTS = "bin-manager.pipecat-manager.event"


def host_queue(host_id: str) -> str:
    """The queue of one daemon."""
    return f"{SHARED_QUEUE}.{host_id}"


@dataclass
class Answer:
    """What came back."""

    status: int
    data_type: str
    data: Any
    properties: pika.BasicProperties
    raw: dict[str, Any]


class Rpc:
    """Asks one at a time, as the platform's services do: a reply queue of one's own, no correlation id."""

    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        # Nobody reads here between two requests: the broker would take a test that waits for long for dead.
        parameters.heartbeat = 0
        self._connection = BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._reply = self._channel.queue_declare("", exclusive=True, auto_delete=True).method.queue

    def close(self) -> None:
        """Take leave of the broker, if it is there."""
        with contextlib.suppress(pika.exceptions.AMQPError):
            self._connection.close()

    def call(
        self,
        method: str,
        uri: str,
        data: Any = None,
        *,
        queue: str = SHARED_QUEUE,
        timeout: float = 3,
        properties: dict[str, Any] | None = None,
    ) -> Answer:
        """One request, or an AssertionError after ``timeout`` seconds."""
        envelope: dict[str, Any] = {
            "uri": uri,
            "method": method,
            "publisher": "platform-test",
            "data_type": "application/json" if data is not None else "",
        }
        if data is not None:
            envelope["data"] = data
        return self.send(json.dumps(envelope).encode(), queue=queue, timeout=timeout, properties=properties)

    def send(
        self, body: bytes, *, queue: str = SHARED_QUEUE, timeout: float = 3, properties: dict[str, Any] | None = None
    ) -> Answer:
        """The same with a body that need not be a request."""
        self._channel.basic_publish(
            "",
            queue,
            body,
            pika.BasicProperties(content_type="text/plain", reply_to=self._reply, **(properties or {})),
        )
        deadline = time.monotonic() + timeout
        while True:
            got, got_properties, answer = self._channel.basic_get(self._reply, auto_ack=True)
            if got is not None:
                raw = json.loads(answer)
                return Answer(raw["status_code"], raw.get("data_type", ""), raw.get("data"), got_properties, raw)
            assert time.monotonic() < deadline, f"no answer within {timeout:g} s"
            self._connection.process_data_events(0.002)


@dataclass
class Event:
    """An event as it came, with what it came in."""

    type: str
    body: dict[str, Any]
    properties: pika.BasicProperties
    at: float = field(default_factory=time.monotonic)

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def call_id(self) -> str:
        return str(self.data.get("pipecatcall_id") or self.data["id"])

    @property
    def sequence(self) -> int:
        return int(self.properties.headers["x-pipecat-sequence"])


class _Consumer:
    """A thread with a connection of its own, which comes back when the broker does."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(20), "the broker did not take our consumer"

    def close(self) -> None:
        self._closing.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                connection = BlockingConnection(pika.URLParameters(self._url))
                self.declare(connection.channel())
                self._ready.set()
                while not self._closing.is_set():
                    connection.process_data_events(0.05)
                connection.close()
            except (pika.exceptions.AMQPError, OSError):
                time.sleep(0.2)

    def declare(self, channel: BlockingChannel) -> None:
        raise NotImplementedError


class Events(_Consumer):
    """Everything published, from a durable queue of its own, so that nothing is missed while the broker restarts."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "events")
        self._queue = f"platform-test.events.{uuid.uuid4()}"
        self.all: list[Event] = []

    def declare(self, channel: BlockingChannel) -> None:
        channel.exchange_declare(EVENTS, "fanout", durable=True)
        channel.queue_declare(self._queue, durable=True)
        channel.queue_bind(self._queue, EVENTS)
        channel.basic_qos(prefetch_count=500)
        channel.basic_consume(self._queue, self._take)

    def _take(self, channel: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        envelope = json.loads(body)
        self.all.append(Event(envelope["type"], envelope, properties))
        channel.basic_ack(method.delivery_tag)

    def close(self) -> None:
        super().close()
        connection = BlockingConnection(pika.URLParameters(self._url))
        connection.channel().queue_delete(self._queue)
        connection.close()

    def of(self, call_id: str, *types: str) -> list[Event]:
        """The distinct events of a call, in the order in which they came."""
        seen: set[str] = set()
        found = []
        for event in list(self.all):
            wanted = event.call_id == call_id and (not types or event.type in types)
            if wanted and event.properties.message_id not in seen:
                seen.add(event.properties.message_id)
                found.append(event)
        return found


@dataclass
class Request:
    """What a stand-in was asked."""

    service: str
    method: str
    uri: str
    data: Any
    envelope: dict[str, Any]
    properties: pika.BasicProperties


Reply = tuple[int, Any]


class Managers(_Consumer):
    """call-manager and ai-manager, following scripts: ``on("GET", "/v1/calls/<id>", lambda request: (200, {...}))``."""

    QUEUES: ClassVar = {
        "call-manager": "bin-manager.call-manager.request",
        "ai-manager": "bin-manager.ai-manager.request",
    }

    def __init__(self, url: str) -> None:
        super().__init__(url, "managers")
        self._scripts: list[tuple[str, re.Pattern[str], Callable[[Request], Reply | None]]] = []
        self.requests: list[Request] = []

    def on(self, method: str, pattern: str, script: Callable[[Request], Reply | None]) -> None:
        """Answer requests like this, the latest script first; None answers nothing at all."""
        self._scripts.insert(0, (method, re.compile(pattern), script))

    def declare(self, channel: BlockingChannel) -> None:
        for service, queue in self.QUEUES.items():
            channel.queue_declare(queue, durable=True)
            channel.basic_consume(queue, functools.partial(self._answer, service), auto_ack=True)

    def asked(self, method: str, pattern: str) -> list[Request]:
        """The requests like this, in their order."""
        return [r for r in list(self.requests) if r.method == method and re.search(pattern, r.uri)]

    def _answer(
        self, service: str, channel: BlockingChannel, _: Any, properties: pika.BasicProperties, body: bytes
    ) -> None:
        envelope = json.loads(body)
        request = Request(service, envelope["method"], envelope["uri"], envelope.get("data"), envelope, properties)
        self.requests.append(request)
        reply: Reply | None = (404, None)
        for method, pattern, script in self._scripts:
            if method == request.method and pattern.search(request.uri):
                reply = script(request)
                break
        if reply is None or not properties.reply_to:
            return
        status, data = reply
        answer: dict[str, Any] = {"status_code": status, "data_type": "application/json"}
        if data is not None:
            answer["data"] = data
        channel.basic_publish(
            "",
            properties.reply_to,
            json.dumps(answer).encode(),
            pika.BasicProperties(content_type="text/plain", correlation_id=properties.correlation_id),
        )
