"""Every refusal of the written contract, and that nothing comes of a refused start."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pika
import pytest

from support import old_service
from support.assistants import start_text
from support.contract import HOST, QUEUES, ZERO, Contract, body, check_answer, check_refusal
from support.rabbit import SHARED_QUEUE, Rpc, host_queue
from support.wait import until

UNKNOWN = str(uuid.UUID(int=0x7000_8000_0000_0000_0000))
FULL = old_service.FULL
both_queues = pytest.mark.parametrize("queue", QUEUES, ids=["shared", "host"])


@both_queues
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "BAD_JSON"),
        (b"{", "BAD_JSON"),
        (b"\xff\xfe", "BAD_JSON"),
        (b"[]", "BAD_JSON"),
        (b"null", "BAD_JSON"),
        (b'"text"', "BAD_JSON"),
        (b'{"uri":"/v1/ping","method":"GET"} trailing', "BAD_JSON"),
        (b"{}", "BAD_ENVELOPE"),
        (b'{"uri":"/v1/ping"}', "BAD_ENVELOPE"),
        (b'{"method":"GET"}', "BAD_ENVELOPE"),
        (b'{"uri":"","method":"GET"}', "BAD_ENVELOPE"),
        (b'{"uri":null,"method":"GET"}', "BAD_ENVELOPE"),
        (b'{"uri":1,"method":"GET"}', "BAD_ENVELOPE"),
        (b'{"uri":"/v1/ping","method":["GET"]}', "BAD_ENVELOPE"),
        (b'{"uri":"/v1/messages","method":"POST","data":[]}', "BAD_JSON"),
        (b'{"uri":"/v1/pipecatcalls","method":"POST","data":"{}"}', "BAD_JSON"),
        (b'{"uri":"/v1/pipecatcalls","method":"POST"}', "NO_BODY"),
        (b'{"uri":"/v1/messages","method":"POST","data":null}', "NO_BODY"),
    ],
)
def test_what_is_no_request_is_refused(contract: Contract, queue: str, sent: bytes, reason: str) -> None:
    check_refusal(contract.platform.rpc.send(sent, queue=queue), 400, "INVALID_ARGUMENT", reason)


@both_queues
def test_a_request_may_have_a_mebibyte_and_no_more(contract: Contract, queue: str) -> None:
    def padded(size: int) -> bytes:
        head, tail = b'{"uri":"/v1/ping","method":"GET","publisher":"', b'"}'
        return head + b"x" * (size - len(head) - len(tail)) + tail

    assert contract.platform.rpc.send(padded(1_048_576), queue=queue).status == 200
    too_large = contract.platform.rpc.send(padded(1_048_577), queue=queue)
    assert "1048576" in check_refusal(too_large, 400, "INVALID_ARGUMENT", "TOO_LARGE")


@both_queues
@pytest.mark.parametrize(
    ("method", "uri", "reason"),
    [
        ("GET", "/v1/none", "NO_ROUTE"),
        ("GET", "/v1/ping/", "NO_ROUTE"),
        ("GET", "/v1/ping/more", "NO_ROUTE"),
        ("GET", "/v2/ping", "NO_ROUTE"),
        ("GET", "?/v1/ping", "NO_ROUTE"),
        ("POST", f"/v1/pipecatcalls/{FULL}/start", "NO_ROUTE"),
        ("POST", "/v1/ping", "METHOD"),
        ("DELETE", "/v1/pipecatcalls", "METHOD"),
        ("DELETE", f"/v1/pipecatcalls/{FULL}", "METHOD"),
        ("GET", f"/v1/pipecatcalls/{FULL}/stop", "METHOD"),
        ("GET", "/v1/messages", "METHOD"),
        ("POST", f"/v1/pipecatcalls/{FULL}/messages", "METHOD"),
        ("POST", f"/v1/pipecatcalls/{FULL}/turns", "METHOD"),
        ("get", "/v1/ping", "METHOD"),
        ("GET", f"/v1/pipecatcalls/{FULL.upper().replace('5', 'A')}", "INVALID_ID"),
        ("GET", f"/v1/pipecatcalls/{FULL[:-1]}", "INVALID_ID"),
        ("GET", f"/v1/pipecatcalls/{FULL.replace('-', '')}", "INVALID_ID"),
        ("GET", f"/v1/pipecatcalls/{ZERO}", "INVALID_ID"),
        ("GET", f"/prefix/v1/pipecatcalls/{FULL}", "INVALID_ID"),
        ("POST", "/v1/pipecatcalls/x/stop", "INVALID_ID"),
        ("GET", "/v1/pipecatcalls/x/messages", "INVALID_ID"),
        ("GET", "/v1/pipecatcalls/x/turns", "INVALID_ID"),
        ("GET", f"/v1/pipecatcalls/{UNKNOWN}", "PIPECATCALL_NOT_FOUND"),
        ("POST", f"/v1/pipecatcalls/{UNKNOWN}/stop", "PIPECATCALL_NOT_FOUND"),
        ("GET", f"/v1/pipecatcalls/{UNKNOWN}/messages", "PIPECATCALL_NOT_FOUND"),
        ("GET", f"/v1/pipecatcalls/{UNKNOWN}/turns", "PIPECATCALL_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_not_found(contract: Contract, queue: str, method: str, uri: str, reason: str) -> None:
    message = check_refusal(contract.platform.rpc.call(method, uri, queue=queue), 404, "NOT_FOUND", reason)
    if reason == "METHOD":
        assert "GET" in message or "POST" in message


STARTS: list[tuple[dict[str, Any], str, str]] = [
    ({"id": None}, "INVALID_FIELD", "id"),
    ({"id": ZERO}, "INVALID_FIELD", "id"),
    ({"id": ""}, "INVALID_FIELD", "id"),
    ({"id": "one"}, "INVALID_FIELD", "id"),
    ({"id": UNKNOWN[:-1]}, "INVALID_FIELD", "id"),
    ({"id": 1}, "INVALID_FIELD", "id"),
    ({"customer_id": "x"}, "INVALID_FIELD", "customer_id"),
    ({"activeflow_id": []}, "INVALID_FIELD", "activeflow_id"),
    ({"reference_id": 7}, "INVALID_FIELD", "reference_id"),
    ({"reference_type": 1}, "INVALID_FIELD", "reference_type"),
    ({"llm_type": {}}, "INVALID_FIELD", "llm_type"),
    ({"llm_messages": {}}, "INVALID_FIELD", "llm_messages"),
    ({"llm_messages": ["text"]}, "INVALID_FIELD", "llm_messages"),
    ({"stt_type": 1}, "INVALID_FIELD", "stt_type"),
    ({"stt_language": True}, "INVALID_FIELD", "stt_language"),
    ({"tts_type": []}, "INVALID_FIELD", "tts_type"),
    ({"tts_language": 1}, "INVALID_FIELD", "tts_language"),
    ({"tts_voice_id": 1}, "INVALID_FIELD", "tts_voice_id"),
    ({"reference_type": "conference"}, "INVALID_FIELD", "reference_type"),
    ({"reference_type": None}, "REFERENCE_TYPE", "reference_type"),
    ({"reference_id": ZERO}, "REFERENCE_ID", "reference_id"),
    ({"reference_id": None}, "REFERENCE_ID", "reference_id"),
    ({"llm_type": None}, "LLM_TYPE", "llm_type"),
    ({"llm_type": "openai"}, "LLM_TYPE", "llm_type"),
    ({"llm_type": ".gpt"}, "LLM_TYPE", "llm_type"),
    ({"llm_type": "openai."}, "LLM_TYPE", "llm_type"),
    ({"reference_type": "ai_call", "llm_type": "openai"}, "LLM_TYPE", "llm_type"),
    ({"agent": "reception"}, "AGENT", "agent"),
]


@both_queues
def test_a_start_that_makes_no_sense_is_refused_and_leaves_no_trace(contract: Contract, queue: str) -> None:
    with contract.nothing_happens():
        before = len(contract.platform.managers.requests)
        for wrong, reason, key in STARTS:
            answer = contract.platform.rpc.call("POST", "/v1/pipecatcalls", body(**wrong), queue=queue)
            message = check_refusal(answer, 400, "INVALID_ARGUMENT", reason)
            assert key in message, (wrong, message)
        assert len([r for r in contract.platform.managers.requests[before:] if "/v1/tools" not in r.uri]) == 0


@both_queues
def test_a_used_id_with_another_body_is_refused(contract: Contract, queue: str) -> None:
    start = body(llm_messages=[{"role": "user", "content": "a"}])
    record = contract.ask("POST", "/v1/pipecatcalls", start)
    contract.live(start["id"])
    others: list[dict[str, Any]] = [
        {"llm_type": "openai:gpt-test"},
        {"llm_messages": []},
        {"customer_id": None},
        {"tts_language": "de"},
    ]
    with contract.nothing_happens():
        for other in others:
            answer = contract.platform.rpc.call("POST", "/v1/pipecatcalls", {**start, **other}, queue=queue)
            check_refusal(answer, 409, "ALREADY_EXISTS", "PIPECATCALL_ALREADY_EXISTS")
    contract.stop(start["id"])
    answer = contract.platform.rpc.call("POST", "/v1/pipecatcalls", {**start, **others[0]}, queue=queue)
    check_refusal(answer, 409, "ALREADY_EXISTS", "PIPECATCALL_ALREADY_EXISTS")
    assert contract.record(start["id"])["tm_create"] == record["tm_create"]
    replaced = contract.platform.rpc.call("POST", "/v1/pipecatcalls", body(id=FULL), queue=queue)
    check_refusal(replaced, 409, "ALREADY_EXISTS", "PIPECATCALL_ALREADY_EXISTS")


@both_queues
@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"pipecatcall_id": None}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"pipecatcall_id": ZERO}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"pipecatcall_id": "x"}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"message_id": 1}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"message_text": ["x"]}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"run_immediately": "yes"}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"audio_response": 1}, (400, "INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"message_text": None}, (400, "INVALID_ARGUMENT", "MESSAGE_TEXT_EMPTY")),
        ({"message_text": " \n\t"}, (400, "INVALID_ARGUMENT", "MESSAGE_TEXT_EMPTY")),
        ({"pipecatcall_id": UNKNOWN}, (404, "NOT_FOUND", "PIPECATCALL_NOT_FOUND")),
        ({"pipecatcall_id": FULL}, (404, "NOT_FOUND", "PIPECATCALL_NOT_FOUND")),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused(
    contract: Contract, queue: str, wrong: dict[str, Any], refusal: tuple[int, str, str]
) -> None:
    message = {"pipecatcall_id": UNKNOWN, "message_text": "Hi", **wrong}
    answer = contract.platform.rpc.call("POST", "/v1/messages", message, queue=queue)
    said = check_refusal(answer, *refusal)
    if refusal[2] == "INVALID_FIELD":
        assert next(iter(wrong)) in said


def test_a_message_needs_a_live_session(contract: Contract) -> None:
    reference = str(uuid.uuid4())
    contract.platform.managers.on("GET", f"^/v1/calls/{reference}$", lambda _: None)
    call = contract.platform.start_call(reference_id=reference)
    early = {"pipecatcall_id": call, "message_text": "too early"}
    answer = contract.platform.rpc.call("POST", "/v1/messages", early)
    check_refusal(answer, 409, "FAILED_PRECONDITION", "SESSION_NOT_LIVE")
    contract.stop(call)
    answer = contract.platform.rpc.call("POST", "/v1/messages", early)
    check_refusal(answer, 404, "NOT_FOUND", "PIPECATCALL_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "reason", "names"),
    [
        ("page_size=0", "INVALID_FIELD", "page_size"),
        ("page_size=1001", "INVALID_FIELD", "page_size"),
        ("page_size=ten", "INVALID_FIELD", "page_size"),
        ("customer_id=x", "INVALID_FIELD", "customer_id"),
        ("reference_id=x", "INVALID_FIELD", "reference_id"),
        ("status=over", "INVALID_FIELD", "status"),
        ("host_id=%zz", "BAD_QUERY", ""),
        ("host_id=%4", "BAD_QUERY", ""),
    ],
)
def test_a_malformed_query_is_refused(contract: Contract, query: str, reason: str, names: str) -> None:
    answer = contract.platform.rpc.call("GET", f"/v1/pipecatcalls?{query}")
    assert names in check_refusal(answer, 400, "INVALID_ARGUMENT", reason)


def test_requests_without_a_reader_are_carried_out(contract: Contract) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(contract.platform.services.environment["PIPECAT_AMQP_URL"]))
    channel = connection.channel()
    started = []
    for reply_to in (None, "no-such-queue"):
        for queue in QUEUES:
            start = body()
            envelope = {"uri": "/v1/pipecatcalls", "method": "POST", "data": start}
            properties = pika.BasicProperties(reply_to=reply_to)
            channel.basic_publish("", queue, json.dumps(envelope).encode(), properties)
            started.append(start["id"])
    connection.close()
    for call in started:
        contract.live(call)
        contract.stop(call)


def test_pings_are_answered_while_starts_are_slow(contract: Contract) -> None:
    contract.platform.managers.on("GET", "^/v1/calls/51045104-", lambda _: None)
    slow = [contract.platform.start_call(reference_id=f"51045104{str(uuid.uuid4())[8:]}") for _ in range(20)]
    url = contract.platform.services.environment["PIPECAT_AMQP_URL"]

    def ping(number: int) -> list[float]:
        rpc = Rpc(url)
        took = []
        for _ in range(50):
            since = time.monotonic()
            queue = host_queue(HOST) if number % 2 else SHARED_QUEUE
            assert check_answer(rpc.call("GET", "/v1/ping", queue=queue))["host_id"] == HOST
            took.append(time.monotonic() - since)
        rpc.close()
        return took

    with ThreadPoolExecutor(4) as pool:
        took = [each for took in pool.map(ping, range(4)) for each in took]
    assert len(took) == 200
    assert all(contract.record(call)["status"] == "starting" for call in slow[-3:]), "they were not slow"
    for call in slow:
        contract.ask("POST", f"/v1/pipecatcalls/{call}/stop")
    until("all are over", lambda: all(contract.platform.events.of(c, "pipecatcall_terminated") for c in slow))


def test_a_text_session_that_ended_takes_no_messages(contract: Contract) -> None:
    call = start_text(contract.platform)
    contract.live(call)
    contract.stop(call)
    answer = contract.platform.rpc.call("POST", "/v1/messages", {"pipecatcall_id": call, "message_text": "late"})
    check_refusal(answer, 404, "NOT_FOUND", "PIPECATCALL_NOT_FOUND")
