"""The events of a call that is over, held against the tables of the written contract."""

from __future__ import annotations

from support.contract import CALL, MESSAGE, MESSAGE_ALWAYS, Contract, check_event, check_keys, check_record
from support.rabbit import Event

CALL_ALWAYS = [key for key in CALL if key != "pipecatcall_reference_type"]
# The keys after those of the call.
MORE: dict[str, list[str]] = {
    "user_started_speaking": [],
    "user_stopped_speaking": [],
    "bot_started_speaking": [],
    "bot_stopped_speaking": [],
    "bot_interrupted": ["heard_ms", "dropped_ms"],
    "tool_call_started": ["tool_call_id", "name"],
    "tool_call_finished": ["tool_call_id", "name", "succeeded", "took_ms"],
    "metrics_reported": ["samples"],
    "error_reported": ["source", "message", "fatal", "part", "provider", "kind", "action", "to"],
    "runner_lost": ["attempt", "reason", "message"],
    "runner_replaced": ["attempt", "took_ms"],
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
            assert list(event.data) == [*CALL, "transition_function_name", "from_member", "to_member"]
            for member in (event.data["from_member"], event.data["to_member"]):
                check_keys(member, ["id", "name", "engine_model", "tts_type", "tts_voice_id", "stt_type"], ["id"])
    return told
