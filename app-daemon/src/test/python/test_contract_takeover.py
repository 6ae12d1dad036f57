"""What a daemon finds when it starts, and how it answers when it is full or stops."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pika
import pytest

from support import old_service
from support.assistants import TOOLS, ai, ai_call
from support.contract import HOST, QUEUES, ZERO, Contract, body, check_refusal
from support.daemon import Daemon
from support.platform import Platform, Services
from support.rabbit import SHARED_QUEUE, host_queue
from support.runner import ScriptedRunner
from support.wait import until

Start = Callable[..., Contract]


@pytest.fixture
def start(platform: Platform, tmp_path: Path) -> Iterator[Start]:
    """Starts a daemon on the platform as it is."""
    with ExitStack() as stack:

        def started(**settings: str) -> Contract:
            runner = stack.enter_context(ScriptedRunner())
            daemon = Daemon(tmp_path, platform.environment, HOST, RUNNER_URL=runner.url, **settings)
            return Contract(platform, stack.enter_context(daemon), runner)

        yield started


@pytest.fixture
def waiting(services: Services) -> str:
    """A start that was asked for while nobody served the queue; its call's id."""
    asked = body()
    connection = pika.BlockingConnection(pika.URLParameters(services.environment["PIPECAT_AMQP_URL"]))
    channel = connection.channel()
    channel.queue_declare(SHARED_QUEUE, durable=True)
    envelope = {"uri": "/v1/pipecatcalls", "method": "POST", "publisher": "flow-manager", "data": asked}
    channel.basic_publish("", SHARED_QUEUE, json.dumps(envelope).encode())
    connection.close()
    return str(asked["id"])


def test_a_daemon_takes_over_requests_and_a_table_that_drifted(platform: Platform, waiting: str, start: Start) -> None:
    old_service.leave_behind(platform.database, old_service.DRIFTED)
    before = old_service.rows(platform.database)
    platform.managers.on("GET", "^/v1/tools$", lambda _: (500, None))
    contract = start()
    contract.live(waiting)
    contract.stop(waiting)
    spare = contract.ask("GET", f"/v1/pipecatcalls/{old_service.SPARE}")
    assert spare["reference_id"] == ZERO
    assert old_service.rows(platform.database) == before

    # Without a catalogue there are no tools, and calls go on.
    reference = ai_call(platform, ai(platform, tool_names=["all"]))
    call = platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
    contract.live(call)
    assert contract.runner.body(call).get("tools", []) == []
    assert contract.runner.body(call)["llm_key"] == "sk-1"
    contract.stop(call)


def test_a_full_and_a_stopping_daemon_refuse_starts_and_answer_the_rest(platform: Platform, start: Start) -> None:
    platform.managers.on("GET", "^/v1/tools$", lambda _: (200, {"tools": TOOLS}))
    contract = start(MAX_SESSIONS="1")
    call = platform.start_call()
    contract.live(call)
    refused = body()
    for queue in QUEUES:
        answer = platform.rpc.call("POST", "/v1/pipecatcalls", refused, queue=queue)
        check_refusal(answer, 503, "UNAVAILABLE", "MAX_SESSIONS")
    assert contract.row(refused["id"]) == {}
    assert not platform.events.of(refused["id"])
    for queue in QUEUES:
        assert contract.ask("GET", "/v1/ping", queue=queue)["host_id"] == HOST
        assert contract.ask("GET", f"/v1/pipecatcalls/{call}", queue=queue)["status"] == "live"
    contract.stop(call)
    until("there is room", lambda: platform.rpc.call("POST", "/v1/pipecatcalls", refused).status == 200)
    contract.live(refused["id"])

    contract.daemon.process.send_signal(signal.SIGTERM)

    def stopping() -> bool:
        answer = platform.rpc.call("POST", "/v1/pipecatcalls", body(), queue=host_queue(HOST))
        return bool(answer.data["reason"] == "STOPPING")

    until("it refuses because it stops", stopping)
    answer = platform.rpc.call("POST", "/v1/pipecatcalls", body())
    check_refusal(answer, 503, "UNAVAILABLE", "STOPPING")
    assert contract.ask("GET", "/v1/ping")["host_id"] == HOST
    assert contract.record(refused["id"])["status"] == "live", "calls end by themselves first"
    contract.ask("POST", f"/v1/pipecatcalls/{refused['id']}/stop")
    assert contract.terminated(refused["id"]).data["end_reason"] == "requested"
    assert contract.daemon.process.wait(60) == 0
