"""Every type of event of the written contract: its keys, its properties, its place."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from support.assistants import ai, ai_call, start_text
from support.contract import (
    ZERO,
    Contract,
    body,
)
from support.told import RECORDS, checked
from support.wait import until


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


def test_an_interruption_says_what_was_heard_and_what_was_not(contract: Contract) -> None:
    call = contract.platform.start_call()
    contract.live(call)
    say = contract.runner.say
    until("the caller hears the bot", lambda: contract.platform.asterisk.callers[call].first_sound)
    say(call, "bot-started-speaking")
    part = {"segment_id": "s1", "spoken_progress": {"accumulated_text": "Good"}}
    say(call, "bot-output", {"text": "Good day to you.", "spoken_status": "new", **part})
    say(call, "bot-output", {"text": "Good day to you.", "spoken_status": "in-progress", **part})
    say(call, "user-started-speaking")
    contract.runner.interrupt(call)
    until("the interruption is told", lambda: contract.platform.events.of(call, "bot_interrupted"))
    contract.stop(call)
    told = checked(contract, call)
    (interrupted,) = (event.data for event in told if event.type == "bot_interrupted")
    assert type(interrupted["heard_ms"]) is type(interrupted["dropped_ms"]) is int
    assert interrupted["heard_ms"] >= 0
    assert interrupted["dropped_ms"] >= 0
    (heard,) = (event.data for event in told if event.type == "message_bot_heard")
    assert heard["text"] == "Good"
    (said,) = contract.ask("GET", f"/v1/pipecatcalls/{call}/messages")["result"]
    assert (said["speaker"], said["text"], said["interrupted"]) == ("bot", "Good", True)


def test_a_key_that_is_pressed_on_the_leg_is_left_to_ai_manager(contract: Contract) -> None:
    call = contract.platform.start_call()
    contract.live(call)
    for key in "0*D":
        contract.platform.asterisk.press(call, key)
    contract.platform.asterisk.hang_up(call)
    assert contract.terminated(call).data["end_reason"] == "caller_hung_up"
    assert "dtmf_received" not in [event.type for event in checked(contract, call)]


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_tool_call_is_told_and_goes_to_ai_manager(contract: Contract, succeeds: bool) -> None:
    reference = ai_call(contract.platform, ai(contract.platform, tool_names=["get_variables"]))
    call = contract.platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
    contract.live(call)
    result = {"tool_call_id": "t1", "result": "success", "message": "done", "resource_type": "", "resource_id": ""}
    reply = (200, result) if succeeds else (500, None)
    contract.platform.managers.on("POST", f"^/v1/aicalls/{reference}/tool_execute$", lambda _: reply)
    contract.runner.say(call, "llm-function-call-in-progress", {"tool_call_id": "t1", "function_name": "get_variables"})
    asked = {"id": "t1", "type": "function", "function": {"name": "get_variables", "arguments": '{"a": 1}'}}
    answer = contract.runner.post(call, "tools_url", asked)
    assert answer["tool_call_id"] == "t1"
    assert answer["result"] == ("success" if succeeds else "failed")
    contract.runner.say(call, "llm-function-call-stopped", {"tool_call_id": "t1", "function_name": "get_variables"})
    until("its end is told", lambda: contract.platform.events.of(call, "tool_call_finished"))
    contract.stop(call)
    (executed,) = contract.platform.managers.asked("POST", f"^/v1/aicalls/{reference}/tool_execute$")
    assert executed.data == asked
    assert executed.service == "ai-manager"
    started, finished = (event.data for event in checked(contract, call) if event.type.startswith("tool_call"))
    for told in (started, finished):
        assert (told["tool_call_id"], told["name"]) == ("t1", "get_variables")
    assert finished["succeeded"] is succeeds
    assert type(finished["took_ms"]) is int


def test_a_handover_is_told(contract: Contract) -> None:
    reference = ai_call(contract.platform, ai(contract.platform))
    call = contract.platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
    contract.live(call)
    front = {"id": str(uuid.uuid4()), "name": "front", "engine_model": "openai.gpt", "tts_type": "cartesia"}
    sales = {"id": ZERO, "name": "sales", "engine_model": "", "tts_type": "", "tts_voice_id": "", "stt_type": ""}
    handover = {"transition_function_name": "to_sales", "from_member": front, "to_member": sales}
    assert contract.runner.post(call, "member_switched_url", handover) == {"status": "ok"}
    (told,) = until("it is told", lambda: contract.platform.events.of(call, "team_member_switched"))
    assert told.data["transition_function_name"] == "to_sales"
    assert told.data["from_member"] == front
    assert told.data["to_member"] == {"id": ZERO, "name": "sales"}
    contract.stop(call)
    checked(contract, call)
