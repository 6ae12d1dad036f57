"""Every type of event of the written contract: its keys, its properties, its place."""

from __future__ import annotations

import uuid
from typing import Any

from support.assistants import ai, ai_call, start_text
from support.contract import (
    CALL,
    MESSAGE,
    MESSAGE_ALWAYS,
    ZERO,
    Contract,
    body,
    check_event,
    check_keys,
    check_record,
)
from support.rabbit import Event
from support.wait import until

CALL_ALWAYS = [key for key in CALL if key != "pipecatcall_reference_type"]
MORE: dict[str, list[str]] = {
    "user_started_speaking": [],
    "user_stopped_speaking": [],
    "bot_started_speaking": [],
    "bot_stopped_speaking": [],
    "bot_interrupted": ["heard_ms", "dropped_ms"],
    "tool_call_started": ["tool_call_id", "name"],
    "tool_call_finished": ["tool_call_id", "name", "succeeded", "took_ms"],
    "metrics_reported": ["samples"],
    "dtmf_received": ["key"],
    "error_reported": ["source", "message", "fatal"],
}
RECORDS = ["pipecatcall_created", "pipecatcall_initialized", "pipecatcall_terminated"]


def checked(contract: Contract, call: str) -> list[Event]:
    """The events of a call that is over, each of them as the document says."""
    told = contract.platform.events.of(call)
    record = contract.record(call)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert len({event.properties.message_id for event in told}) == len(told)
    types = [event.type for event in told]
    assert (types[0], types[-1]) == ("pipecatcall_created", "pipecatcall_terminated")
    for event in told:
        check_event(event)
        if event.type in RECORDS:
            check_record(event.data)
            assert types.count(event.type) == 1
            assert event.data["id"] == call
            continue
        assert [event.data[key] for key in CALL] == [
            record["customer_id"],
            call,
            record["reference_type"],
            record["reference_id"],
            record["activeflow_id"],
        ]
        if event.type.startswith("message_"):
            check_keys(event.data, MESSAGE, MESSAGE_ALWAYS)
            assert ("sequence" in event.data) == (event.type == "message_bot_llm_intermediate")
        elif event.type in MORE:
            check_keys(event.data, CALL + MORE[event.type], CALL_ALWAYS)
        else:
            assert event.type == "team_member_switched"
    return told


def test_a_telephone_call_tells_its_life(contract: Contract) -> None:
    call = contract.platform.start_call(llm_messages=[{"role": "user", "content": "Hi"}], tts_voice_id="v")
    contract.live(call)
    until("it is heard", lambda: contract.platform.asterisk.callers[call].first_sound)
    contract.platform.asterisk.hang_up(call)
    contract.terminated(call)
    told = checked(contract, call)
    assert [event.type for event in told if event.type in RECORDS] == RECORDS
    created, initialized, terminated = (event.data for event in told if event.type in RECORDS)
    assert (created["status"], initialized["status"], terminated["status"]) == ("starting", "live", "ended")
    assert terminated["end_reason"] == "caller_hung_up"
    assert initialized["tm_create"] == created["tm_create"] == terminated["tm_create"]
    assert terminated["tm_end"] >= terminated["tm_create"]


def test_a_text_session_tells_what_is_said_in_order(contract: Contract) -> None:
    call = start_text(contract.platform)
    contract.live(call)
    asked = str(uuid.uuid4())
    message = {"pipecatcall_id": call, "message_id": asked, "message_text": "typed", "run_immediately": True}
    contract.ask("POST", "/v1/messages", message)
    say = contract.runner.say
    say(call, "user-transcription", {"text": "not yet", "final": False})
    say(call, "user-transcription", {"text": "Hello?", "final": True})
    say(call, "user-llm-text", {"text": "Hello?"})
    say(call, "bot-llm-started")
    say(call, "bot-llm-text", {"text": "Good "})
    until("a piece is told", lambda: contract.platform.events.of(call, "message_bot_llm_intermediate"))
    say(call, "bot-llm-text", {"text": "day."})
    until("the next too", lambda: len(contract.platform.events.of(call, "message_bot_llm_intermediate")) == 2)
    say(call, "bot-llm-stopped")
    say(call, "bot-transcription", {"text": "Good day."})
    until("the sentence is told", lambda: contract.platform.events.of(call, "message_bot_transcription"))
    contract.stop(call)
    told = [event for event in checked(contract, call) if event.type.startswith("message_")]
    assert [(event.type, event.data["text"]) for event in told] == [
        ("message_user_transcription", "Hello?"),
        ("message_user_llm", "Hello?"),
        ("message_bot_llm_intermediate", "Good "),
        ("message_bot_llm_intermediate", "day."),
        ("message_bot_llm", "Good day."),
        ("message_bot_transcription", "Good day."),
    ]
    pieces = [event.data for event in told if event.type.startswith("message_bot_llm")]
    assert [piece.get("sequence") for piece in pieces] == [1, 2, None]
    assert len({piece["id"] for piece in pieces}) == 1
    assert {piece["in_reply_to_message_id"] for piece in pieces} == {asked}
    assert told[0].data["in_reply_to_message_id"] == ZERO


def test_ours_have_the_keys_of_the_table(contract: Contract) -> None:
    start = body(reference_type="ai_call", reference_id=ai_call(contract.platform, ai(contract.platform), "call"))
    contract.ask("POST", "/v1/pipecatcalls", start)
    call = start["id"]
    contract.live(call)
    say = contract.runner.say
    say(call, "user-started-speaking")
    say(call, "user-stopped-speaking")
    say(call, "bot-started-speaking")
    say(call, "bot-stopped-speaking")
    samples: dict[str, Any] = {"ttfb": [{"processor": "llm", "value": 0.25}]}
    say(call, "metrics", samples)
    say(call, "error", {"error": "the model is away", "fatal": False})
    kinds = [f"{who}_{what}_speaking" for who in ("user", "bot") for what in ("started", "stopped")]
    for kind in [*kinds, "metrics_reported", "error_reported"]:
        until(f"{kind} is told", lambda kind=kind: contract.platform.events.of(call, kind))
    contract.stop(call)
    told = {event.type: event.data for event in checked(contract, call)}
    (sample,) = told["metrics_reported"]["samples"]
    assert list(sample) == ["kind", "processor", "value"]
    assert (sample["processor"], sample["value"]) == ("llm", 0.25)
    assert told["error_reported"]["fatal"] is False


def test_a_call_that_its_bot_ends_says_so(contract: Contract) -> None:
    call = start_text(contract.platform)
    contract.live(call)
    contract.runner.leave(call)
    assert contract.terminated(call).data["end_reason"] == "bot_ended"
    checked(contract, call)
