"""What the other managers answer decides what becomes of a call, and what its runner is given."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from support.assistants import TOOLS, ai, ai_call, team
from support.contract import Contract, check_event, check_record
from support.rabbit import Reply, Request
from support.wait import until

NO_ANSWER: Reply | None = None


def ended(contract: Contract, call: str, reason: str) -> None:
    """The call ended for this reason, said so, and its record is closed everywhere."""
    terminated = contract.terminated(call)
    record = contract.record(call)
    assert terminated.data == record
    assert (record["status"], record["end_reason"]) == ("ended", reason)
    errors = contract.platform.events.of(call, "error_reported")
    assert errors
    assert errors[-1].data["fatal"] is True
    assert errors[-1].data["source"]
    assert errors[-1].data["message"]
    for event in contract.platform.events.of(call):
        check_event(event)
    types = [event.type for event in contract.platform.events.of(call)]
    assert types == ["pipecatcall_created", "error_reported", "pipecatcall_terminated"]
    row = until("the row is closed", lambda: r if (r := contract.row(call))["status"] == "ended" else {})
    assert row["end_reason"] == reason
    assert row["tm_end"]
    until("the cache has the end", lambda: contract.cached(call)[0] == record)


@pytest.mark.parametrize(
    "reply", [(404, None), (500, None), (200, "text"), NO_ANSWER], ids=["404", "500", "odd", "none"]
)
def test_a_call_whose_telephone_call_cannot_be_looked_up_ends(contract: Contract, reply: Reply | None) -> None:
    reference = str(uuid.uuid4())
    contract.platform.managers.on("GET", f"^/v1/calls/{reference}$", lambda _: reply)
    call = contract.platform.start_call(reference_id=reference)
    ended(contract, call, "lookup_failed")
    assert not [r for r in contract.platform.managers.asked("POST", "^/v1/external-medias$") if r.data["id"] == call]


@pytest.mark.parametrize("reply", [(404, None), (500, None), NO_ANSWER], ids=["404", "500", "none"])
def test_a_call_without_its_ai_call_ends(contract: Contract, reply: Reply | None) -> None:
    reference = str(uuid.uuid4())
    contract.platform.managers.on("GET", f"^/v1/aicalls/{reference}$", lambda _: reply)
    call = contract.platform.start_call(reference_type="ai_call", reference_id=reference)
    ended(contract, call, "lookup_failed")


@pytest.mark.parametrize("reply", [(500, None), (404, None), NO_ANSWER], ids=["500", "404", "none"])
def test_a_call_without_media_ends(contract: Contract, reply: Reply | None) -> None:
    def media(request: Request) -> Reply | None:
        # Others connect as ever.
        return reply if request.data["reference_id"] == reference else contract.platform.connect(request)

    reference = str(uuid.uuid4())
    contract.platform.managers.on("POST", "^/v1/external-medias$", media)
    call = contract.platform.start_call(reference_id=reference)
    ended(contract, call, "media_failed")
    # It may be there all the same.
    until("it is deleted", lambda: contract.platform.managers.asked("DELETE", f"^/v1/external-medias/{call}$"))


def test_external_media_is_deleted_when_the_call_is_over(contract: Contract) -> None:
    call = contract.platform.start_call()
    contract.live(call)
    asked = [r for r in contract.platform.managers.asked("POST", "^/v1/external-medias$") if r.data["id"] == call]
    (created,) = contract.platform.events.of(call, "pipecatcall_created")
    assert [r.properties.headers["traceparent"] for r in asked] == [created.properties.headers["traceparent"]]
    contract.stop(call)
    until("it is deleted", lambda: contract.platform.managers.asked("DELETE", f"^/v1/external-medias/{call}$"))


def tools_of(contract: Contract, call: str) -> list[str]:
    """The names of the tools that the runner was given."""
    return [tool["name"] for tool in contract.runner.body(call).get("tools", [])]


def start(contract: Contract, reference: str) -> str:
    call = contract.platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
    contract.live(call)
    return call


@pytest.mark.parametrize(
    ("known", "tools"),
    [
        ({"tool_names": ["send_email", "get_case_notes", "unheard_of"]}, ["send_email"]),
        ({"tool_names": ["all"]}, ["get_variables", "send_email", "create_call"]),
        ({"tool_names": ["all"], "rag_id": str(uuid.uuid4())}, None),
        ({"tool_names": ["search_knowledge"], "rag_id": str(uuid.UUID(int=0))}, []),
        ({"tool_names": ["all"], "type": "insight"}, ["get_case_notes"]),
        ({"tool_names": ["all"], "type": ""}, []),
        ({"tool_names": ["all"], "type": "of tomorrow"}, []),
        ({"tool_names": []}, []),
        ({}, []),
    ],
    ids=["named", "all", "rag", "no rag", "insight", "no type", "unknown type", "none named", "none"],
)
def test_an_ai_gets_the_tools_of_its_type_that_it_names(
    contract: Contract, known: dict[str, Any], tools: list[str] | None
) -> None:
    call = start(contract, ai_call(contract.platform, ai(contract.platform, **known)))
    if tools is None:
        tools = ["get_variables", "send_email", "search_knowledge", "create_call"]
    given = tools_of(contract, call)
    assert sorted(given) == sorted(tools)
    for tool in contract.runner.body(call).get("tools", []):
        assert {key: tool[key] for key in TOOLS[0]} in TOOLS
    contract.stop(call)


@pytest.mark.parametrize("reply", [(404, None), (500, None), NO_ANSWER], ids=["404", "500", "none"])
def test_without_its_ai_a_call_goes_on_and_has_no_tools(contract: Contract, reply: Reply | None) -> None:
    missing = str(uuid.uuid4())
    contract.platform.managers.on("GET", f"^/v1/ais/{missing}$", lambda _: reply)
    call = start(contract, ai_call(contract.platform, missing))
    assert tools_of(contract, call) == []
    assert "llm_key" not in contract.runner.body(call)
    check_record(contract.record(call))
    contract.stop(call)


def test_the_runner_is_given_the_key_and_the_turns_of_the_ai_call(contract: Contract) -> None:
    turns = {"stop_secs": 0.3, "confidence": 0.7}
    reference = ai_call(contract.platform, ai(contract.platform), ai_vad_config=turns, ai_smart_turn_enabled=True)
    call = start(contract, reference)
    given = contract.runner.body(call)
    assert given["id"] == call
    assert given["llm_key"] == "sk-1"
    assert given["llm_type"] == "openai.gpt-test"
    assert given["vad_config"] == turns
    assert given["smart_turn_enabled"] is True
    assert "resolved_team" not in given
    assert "sk-1" not in contract.daemon.log()
    contract.stop(call)


def members_of(contract: Contract) -> list[dict[str, Any]]:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    to_second = {"function_name": "to_sales", "description": "Sales.", "next_member_id": second}
    ais = [
        ai(contract.platform, engine_key="sk-a", init_prompt="Greet.", tool_names=["send_email"]),
        ai(contract.platform, engine_key="sk-b", tts_type="cartesia", tts_voice_id="v", tool_names=["all"]),
    ]
    return [
        {"id": first, "name": "front", "ai_id": ais[0], "transitions": [to_second]},
        {"id": second, "name": "sales", "ai_id": ais[1], "transitions": []},
    ]


@pytest.mark.parametrize(
    "current",
    [lambda members: members[1]["id"], lambda _: str(uuid.uuid4()), lambda _: str(uuid.UUID(int=0)), lambda _: None],
    ids=["member", "gone", "zero", "none"],
)
def test_a_team_goes_on_with_its_current_member(
    contract: Contract, current: Callable[[list[dict[str, Any]]], str | None]
) -> None:
    members = members_of(contract)
    wanted = current(members)
    of_team = {"assistance_type": "team", "current_member_id": wanted}
    call = start(contract, ai_call(contract.platform, team(contract.platform, members), **of_team))
    given = contract.runner.body(call)["resolved_team"]
    at = 1 if wanted == members[1]["id"] else 0
    assert given["start_member_id"] == members[at]["id"]
    assert contract.runner.body(call)["llm_key"] == ("sk-b" if at else "sk-a")
    assert [member["id"] for member in given["members"]] == [member["id"] for member in members]
    front, sales = given["members"]
    assert (front["name"], front["ai"]["engine_key"], front["ai"]["init_prompt"]) == ("front", "sk-a", "Greet.")
    assert [tool["name"] for tool in front["tools"]] == ["send_email"]
    assert front["transitions"] == members[0]["transitions"]
    assert (sales["ai"]["tts_type"], sales["ai"]["tts_voice_id"]) == ("cartesia", "v")
    assert sorted(tool["name"] for tool in sales["tools"]) == ["create_call", "get_variables", "send_email"]
    contract.stop(call)


def test_a_team_that_cannot_be_resolved_ends_the_call(contract: Contract) -> None:
    missing = str(uuid.uuid4())
    reference = ai_call(contract.platform, missing, assistance_type="team")
    call = contract.platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
    ended(contract, call, "lookup_failed")
    assert not contract.runner.knows(call)
