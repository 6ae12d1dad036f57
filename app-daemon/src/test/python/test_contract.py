"""Every route of the written contract, on both queues, as a client that knows nothing but the document."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from support import old_service
from support.assistants import ai, ai_call, start_text
from support.contract import (
    HOST,
    MESSAGE,
    MESSAGE_ALWAYS,
    QUEUES,
    TIME,
    UUID,
    ZERO,
    Contract,
    body,
    check_answer,
    check_keys,
    check_record,
)
from support.rabbit import host_queue
from support.wait import until

both_queues = pytest.mark.parametrize("queue", QUEUES, ids=["shared", "host"])


@both_queues
@pytest.mark.parametrize("path", ["/v1/ping", "/v1/ping?a=%20b&c", "/deeper/in/v1/ping", "x/v1/ping?/v1/none"])
def test_ping_names_the_daemon_and_one_run_of_it(contract: Contract, queue: str, path: str) -> None:
    first, second = (contract.ask("GET", path, queue=queue) for _ in range(2))
    assert list(first) == ["host_id", "timestamp", "instance_id"]
    assert first["host_id"] == HOST
    assert TIME.fullmatch(first["timestamp"])
    assert abs((datetime.fromisoformat(first["timestamp"]) - datetime.now(UTC)).total_seconds()) < 60
    assert first["instance_id"] == second["instance_id"] != ""


@both_queues
def test_a_start_is_answered_with_its_record(contract: Contract, queue: str) -> None:
    history = [{"role": "user", "content": "Hi", "free": {"n": [1, 2.5, None, True]}}, {"role": "assistant"}]
    full = body(llm_messages=history, stt_language="de-CH", tts_language="de", tts_voice_id="v", unknown={"to": "us"})
    record = contract.ask("POST", "/v1/pipecatcalls?from=flow", {**full, "id": full["id"].upper()}, queue=queue)
    check_record(record)
    sent = {key: value for key, value in full.items() if key != "unknown"}
    assert {key: record[key] for key in sent} == sent
    assert (record["host_id"], record["status"]) == (HOST, "starting")
    assert record["tm_create"] <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    live = contract.live(full["id"]).data
    assert live["status"] == "live"
    assert {key: live[key] for key in sent} == sent
    contract.stop(full["id"])


def test_a_spare_start_leaves_out_what_is_empty_and_prints_zero_ids(contract: Contract) -> None:
    spare = {key: body()[key] for key in ("id", "reference_type", "reference_id", "llm_type")}
    nothing = {"customer_id": None, "activeflow_id": "", "llm_messages": [], "stt_type": "", "tts_voice_id": None}
    record = contract.ask("POST", "/v1/pipecatcalls", {**spare, **nothing})
    left = ["id", "customer_id", "activeflow_id", "reference_type", "reference_id", "host_id", "llm_type"]
    assert list(record) == [*left, "tm_create", "tm_update", "tm_delete", "status"]
    assert record["customer_id"] == record["activeflow_id"] == ZERO
    again = contract.ask("POST", "/v1/pipecatcalls", spare)
    assert again["tm_create"] == record["tm_create"], "empty values make no other body"
    contract.stop(spare["id"])


@both_queues
@pytest.mark.parametrize("kind", ["call", "voice", "text"])
def test_record_row_and_cache_agree_through_a_life(contract: Contract, queue: str, kind: str) -> None:
    start = body(llm_messages=[{"role": "user", "content": "Grüezi 👋"}])
    if kind != "call":
        reference = ai_call(contract.platform, ai(contract.platform), "call" if kind == "voice" else "conversation")
        start |= {"reference_type": "ai_call", "reference_id": reference}
    contract.ask("POST", "/v1/pipecatcalls", start, queue=queue)
    contract.live(start["id"])
    path = f"/v1/pipecatcalls/{start['id']}"
    assert contract.ask("GET", path, queue=queue)["status"] == "live"
    assert (start["id"] in contract.platform.asterisk.callers) == (kind != "text")

    stopped = contract.ask("POST", f"{path}/stop", queue=queue)
    check_record(stopped)
    assert stopped["status"] in {"ending", "ended"}
    terminated = contract.terminated(start["id"]).data
    check_record(terminated)
    assert (terminated["status"], terminated["end_reason"]) == ("ended", "requested")
    record = contract.ask("GET", f"any-prefix{path}?x=1", queue=queue)
    assert record == terminated
    assert contract.ask("POST", f"{path}/stop", queue=queue) == record, "a second stop"

    row = until("the row is closed", lambda: r if (r := contract.row(start["id"]))["status"] == "ended" else {})
    assert json.loads(row["llm_messages"]) == record["llm_messages"]
    for key, value in record.items():
        if key.startswith("tm_"):
            assert (row[key] and row[key].isoformat(timespec="microseconds") + "Z") == value, key
        elif isinstance(row[key], bytes):
            assert str(uuid.UUID(bytes=row[key])) == value, key
        elif key != "llm_messages":
            assert row[key] == value, key
    cached, seconds = until(
        "the cache has the end", lambda: c if (c := contract.cached(start["id"]))[0] == record else None
    )
    assert list(cached) == list(record)
    assert 86_000 < seconds <= 86_400


def test_a_start_again_is_its_record_also_after_the_end(contract: Contract) -> None:
    start = body(llm_messages=[{"role": "user", "n": 1}])
    first = contract.ask("POST", "/v1/pipecatcalls", start)
    turned = {key: start[key] for key in reversed(start)} | {"llm_messages": [{"n": 1.0, "role": "user"}]}
    for again in (start, turned, {**start, "tts_language": ""}, {**start, "id": start["id"].upper()}):
        assert contract.ask("POST", "/v1/pipecatcalls", again)["tm_create"] == first["tm_create"]
    contract.stop(start["id"])
    ended = contract.ask("POST", "/v1/pipecatcalls", start)
    assert (ended["status"], ended["end_reason"]) == ("ended", "requested")
    assert len(contract.platform.events.of(start["id"], "pipecatcall_created")) == 1


@both_queues
def test_a_message_is_answered_with_a_message(contract: Contract, queue: str) -> None:
    call = start_text(contract.platform)
    contract.live(call)
    record = contract.record(call)
    message = {"pipecatcall_id": call.upper(), "message_id": str(uuid.uuid4()), "message_text": "Was gibt's? 👋"}
    answer = contract.ask("POST", "/x/v1/messages?y", message, queue=queue)
    check_keys(answer, MESSAGE[:-2], MESSAGE_ALWAYS)
    assert UUID.fullmatch(answer["id"])
    assert answer["id"] != message["message_id"]
    assert answer["in_reply_to_message_id"] == ZERO
    assert answer["text"] == message["message_text"]
    assert answer["pipecatcall_id"] == call
    assert answer["pipecatcall_reference_type"] == record["reference_type"] == "ai_call"
    assert answer["pipecatcall_reference_id"] == record["reference_id"]
    assert (answer["customer_id"], answer["activeflow_id"]) == (record["customer_id"], record["activeflow_id"])
    assert contract.ask("POST", "/v1/messages", {**message, "message_text": "other"})["id"] == answer["id"]
    unnamed = {"pipecatcall_id": call, "message_text": "x", "run_immediately": True, "audio_response": False}
    assert contract.ask("POST", "/v1/messages", unnamed)["id"] != contract.ask("POST", "/v1/messages", unnamed)["id"]
    contract.stop(call)


@both_queues
def test_what_was_said_and_the_turns_of_a_call(contract: Contract, queue: str) -> None:
    call = start_text(contract.platform)
    contract.live(call)
    contract.runner.say(call, "user-transcription", {"text": "Hello?", "final": True})
    message = {"pipecatcall_id": call, "message_text": "typed", "run_immediately": True}
    until("the transcript is told", lambda: contract.platform.events.of(call, "message_user_transcription"))
    contract.ask("POST", "/v1/messages", message)
    contract.stop(call)
    said = contract.ask("GET", f"x/v1/pipecatcalls/{call}/messages?page", queue=queue)
    assert list(said) == ["result"]
    assert [(line["position"], line["speaker"], line["text"]) for line in said["result"]] == [
        (1, "user", "Hello?"),
        (2, "message", "typed"),
    ]
    for line in said["result"]:
        keys = ["pipecatcall_id", "position", "speaker", "text", "interrupted", "tm_said", "estimated"]
        assert list(line) == keys
        assert (line["pipecatcall_id"], line["interrupted"], line["estimated"]) == (call, False, False)
        assert TIME.fullmatch(line["tm_said"])
    turns = contract.ask("GET", f"x/v1/pipecatcalls/{call}/turns?page", queue=queue)
    assert list(turns) == ["result"]


def test_turns_have_the_moments_that_were_observed(contract: Contract) -> None:
    call = contract.platform.start_call()
    contract.live(call)
    until("the caller hears the bot", lambda: contract.platform.asterisk.callers[call].first_sound)
    contract.stop(call)
    turns = contract.ask("GET", f"/v1/pipecatcalls/{call}/turns")["result"]
    order = ["pipecatcall_id", "number", "kind", "tm_caller_stopped", "end_of_turn_ms", "transcript_ms"]
    order += ["first_token_ms", "first_speech_ms", "first_frame_ms", "barge_in_ms", "last_old_frame_ms"]
    order += ["stt_ms", "llm_ttfb_ms", "tts_ttfb_ms", "prompt_tokens", "completion_tokens", "tts_characters"]
    for number, turn in enumerate(turns, 1):
        check_keys(turn, order, order[:4])
        assert (turn["pipecatcall_id"], turn["number"]) == (call, number)
        assert turn["kind"] in {"greeting", "answer", "filler"}
        assert all(type(turn[key]) is int and turn[key] >= 0 for key in turn if key.endswith("_ms"))
    assert turns[0]["kind"] == "greeting"
    assert turns[0]["first_frame_ms"] >= turns[0]["first_speech_ms"]


def test_messages_and_turns_of_a_call_that_said_nothing_are_empty(contract: Contract) -> None:
    for what in ("messages", "turns"):
        path = f"/v1/pipecatcalls/{old_service.FULL}/{what}"
        assert contract.ask("GET", path) == {"result": []}


@both_queues
def test_lists_are_paged_newest_first(contract: Contract, queue: str) -> None:
    customer = str(uuid.uuid4())
    calls = [contract.platform.start_call(customer_id=customer) for _ in range(5)]
    seen, token, sizes = [], "", []
    while True:
        query = f"page_size=2&customer_id={customer.upper()}&page_token={quote(token, safe='')}"
        page = contract.ask("GET", f"/x/v1/pipecatcalls?{query}", queue=queue)
        assert list(page) == ["result", "next_page_token"]
        seen += [record["id"] for record in page["result"]]
        sizes.append(len(page["result"]))
        for record in page["result"]:
            check_record(record)
        if not (token := page["next_page_token"]):
            break
    assert seen == calls[::-1]
    assert sizes == [2, 2, 1]
    for call in calls:
        contract.stop(call)


def test_lists_are_filtered(contract: Contract) -> None:
    customer = str(uuid.uuid4())
    one, two, ended = (contract.platform.start_call(customer_id=customer) for _ in range(3))
    contract.stop(ended)
    contract.live(one)
    contract.live(two)

    def listed(query: str) -> set[str]:
        return {record["id"] for record in contract.ask("GET", f"/v1/pipecatcalls?{query}")["result"]}

    mine = f"customer_id={customer}"
    assert listed(mine) == {one, two, ended}
    assert listed(f"{mine}&status=live") == {one, two}
    assert listed(f"{mine}&status=ended") == {ended}
    assert listed(f"{mine}&status=starting") == listed(f"{mine}&status=ending") == set()
    assert listed(f"reference_id={contract.record(two)['reference_id']}") == {two}
    assert listed(f"{mine}&host_id={quote(HOST)}") == {one, two, ended}
    assert listed(f"{mine}&host_id=10.0.0.7") == set()
    assert listed("host_id=10.0.0.7") == {old_service.FULL}, "what was deleted is not listed"
    assert listed(f"{mine}&status=live&status=ended&strange=1") == {one, two}, "the first counts, unknown ones do not"
    assert listed(f"{mine}&page_size=1000&status=&page_token=") == {one, two, ended}
    for call in (one, two):
        contract.stop(call)


@both_queues
def test_rows_of_the_service_that_is_replaced_are_readable(contract: Contract, queue: str) -> None:
    full = contract.ask("GET", f"/v1/pipecatcalls/{old_service.FULL}", queue=queue)
    assert full == {
        "id": old_service.FULL,
        "customer_id": old_service.CUSTOMER,
        "activeflow_id": old_service.FLOW,
        "reference_type": "ai_call",
        "reference_id": old_service.REFERENCE,
        "host_id": "10.0.0.7",
        "llm_type": "openai.gpt-4o",
        "llm_messages": old_service.MESSAGES,
        "stt_type": "deepgram",
        "stt_language": "de-CH",
        "tts_type": "cartesia",
        "tts_language": "de",
        "tts_voice_id": "voice",
        "tm_create": "2025-12-01T09:30:00.250000Z",
        "tm_update": None,
        "tm_delete": None,
    }
    spare = contract.ask("GET", f"/v1/pipecatcalls/{old_service.SPARE}", queue=queue)
    ids = {"id": old_service.SPARE, "customer_id": ZERO, "activeflow_id": ZERO, "reference_id": ZERO}
    assert spare == {**ids, "tm_create": None, "tm_update": None, "tm_delete": None}
    deleted = contract.ask("GET", f"/v1/pipecatcalls/{old_service.DELETED}", queue=queue)
    assert deleted["tm_delete"] == deleted["tm_update"] == "2025-12-02T00:00:00.000000Z"
    assert contract.ask("POST", f"/v1/pipecatcalls/{old_service.FULL}/stop", queue=queue) == full


def test_rows_of_the_service_that_is_replaced_stay_as_they_were(contract: Contract) -> None:
    for path in (f"/v1/pipecatcalls/{old_service.FULL}", f"/v1/pipecatcalls/{old_service.FULL}/turns"):
        contract.ask("GET", path)
    contract.ask("POST", f"/v1/pipecatcalls/{old_service.FULL}/stop")
    assert len(contract.old_rows) == 3
    assert old_service.rows(contract.platform.database) == contract.old_rows


def test_correlation_ids_are_copied_and_never_made_up(contract: Contract) -> None:
    ask = contract.platform.rpc.call
    assert ask("GET", "/v1/ping").properties.correlation_id is None
    named = {"correlation_id": "mine/1", "headers": {"x-other": 1}}
    for uri in ("/v1/ping", "/v1/none", f"/v1/pipecatcalls/{old_service.FULL}"):
        assert ask("GET", uri, properties=named).properties.correlation_id == "mine/1"


def test_a_request_that_was_forwarded_or_delayed_is_served_where_it_arrives(contract: Contract) -> None:
    for headers in ({"x-pipecat-forwarded": "10.9.9.9"}, {"x-pipecat-forwarded": 1}, {"x-delay": 30_000}):
        call = contract.platform.start_call()
        stop = contract.platform.rpc.call(
            "POST", f"/v1/pipecatcalls/{call}/stop", queue=host_queue(HOST), properties={"headers": headers}
        )
        assert check_answer(stop)["status"] in {"ending", "ended"}
        contract.terminated(call)
