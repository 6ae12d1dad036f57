"""A team in a call: who is asked what, whose voice is heard, what the daemon is told, and what it costs to have one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.services import CallTool, Say
from tests.support.stage import tool
from tests.support.strict import Messages
from tests.support.team import HANGING, TeamStage, ears, ms, says, uuid_of, voice

PUT_THROUGH = "I put you through to billing now."
TO_BILLING = CallTool({"": PUT_THROUGH, "to_billing": {}})


def test_a_call_goes_to_another_model_voice_and_prompt_and_nothing_is_cut() -> None:
    with TeamStage(desk=says("Hello.", bill=TO_BILLING), billing=says("Billing here.")) as stage:
        stage.start(
            stage.member("desk", "billing", tts=voice(4000)),
            {**stage.member("billing", tts=voice(8000, rate=24_000)), "tools": [tool("balance")]},
        )
        stage.say("my bill please")
        stage.wait_spoken("Billing here.")
        stage.say("how much?")
        stage.peer.wait_until(lambda: len(stage.asked("billing")) == 2, "billing to be asked")

    (first, first_ms), (second, second_ms) = stage.levels()[:2]
    assert (first, first_ms) == (4000, ms(PUT_THROUGH))
    assert second == 8000
    # A resampler keeps the last few blocks back, which with a voice of a person are silence.
    assert second_ms >= ms("Billing here.") - 100
    assert len(stage.asked("desk")) == 1
    asked = stage.asked("billing")[0]
    assert asked["messages"][0]["content"].startswith("You are billing.")
    assert "desk" not in asked["messages"][0]["content"]
    assert [t["function"]["name"] for t in asked["tools"]] == ["balance"]
    assert [t["function"]["name"] for t in stage.asked("desk")[0]["tools"]] == ["to_billing"]
    told = [(m["role"], m.get("content")) for m in asked["messages"][1:]]
    assert told[0] == ("user", "my bill please")
    assert told[1] == ("assistant", PUT_THROUGH)
    assert json.loads(told[-1][1]) == {"status": "transferred", "to": "Billing"}
    assert stage.asked("billing")[1]["messages"][-1] == {"role": "user", "content": "how much?"}


def test_the_daemon_is_told_and_told_again_if_it_does_not_take_it() -> None:
    with TeamStage(desk=says("", bill=TO_BILLING), billing=says("Billing here.")) as stage:
        stage.switched.statuses = [503, 200]
        stage.start(stage.member("desk", "billing", tts=voice(4000)), stage.member("billing", tts=voice(8000)))
        stage.say("bill")
        stage.wait_said("Billing here.")
        stage.switched.wait_for_requests(2)

    assert stage.switched.authorizations[0] == "Bearer link-token"
    assert stage.switched.requests[0] == stage.switched.requests[1]
    assert stage.switched.requests[0] == {
        "transition_function_name": "to_billing",
        "from_member": _told("Desk", "4000"),
        "to_member": _told("Billing", "8000"),
    }


def _told(name: str, voice_id: str) -> dict[str, str]:
    rest = {"engine_model": "scripted.m", "tts_type": "level", "tts_voice_id": voice_id, "stt_type": ""}
    return {"id": "", "name": name, **rest}


def test_a_call_may_come_back_and_the_one_who_had_it_sees_what_happened() -> None:
    back = CallTool({"": "Back to the desk.", "to_desk": {}})
    desk = says("Desk again.", bill=TO_BILLING)
    with TeamStage(desk=desk, billing=says("Billing here.", desk=back)) as stage:
        stage.start(stage.member("desk", "billing"), stage.member("billing", "desk"))
        stage.say("bill")
        stage.wait_said("Billing here.")
        stage.say("desk please")
        stage.wait_said("Desk again.")

    last = stage.asked("desk")[-1]["messages"]
    assert last[0]["content"].startswith("You are desk.")
    said = [m["content"] for m in last if m["role"] == "assistant" and m.get("content")]
    assert [text.strip() for text in said] == [PUT_THROUGH, "Billing here.", "Back to the desk."]
    assert stage.made == ["model m", "model m"]


def test_members_with_the_same_provider_share_its_service_and_not_the_prompt() -> None:
    def answer(messages: Messages) -> Say | CallTool:
        who = messages[0]["content"].split("\n")[0]
        return TO_BILLING if who == "You are desk." else Say(f"I heard: {who}")

    with TeamStage(shared=answer) as stage:
        desk = stage.member("desk", "billing", llm="shared", tts=voice(4000))
        stage.start(desk, stage.member("billing", llm="shared", tts=voice(4000)))
        stage.say("hello")
        stage.wait_said("I heard: You are billing.")

    assert sorted(stage.made) == ["model m", "voice 4000"]


def test_a_team_of_ten_is_made_one_by_one() -> None:
    names = [f"m{i}" for i in range(10)]
    with TeamStage(model=says("Hello.", over=CallTool({"to_m7": {}}))) as stage:
        members = [
            stage.member(name, *names, llm="model", model=name, tts=voice(1000 * (i + 1)))
            for i, name in enumerate(names)
        ]
        stage.start(*members)
        assert sorted(stage.made) == ["model m0", "voice 1000"]
        stage.say("over")
        stage.wait_said("Hello.")
        assert stage.made[2:] == ["model m7", "voice 8000"]


def test_who_may_be_next_is_ready_before() -> None:
    with TeamStage(desk=says("Hello."), billing=says("")) as stage:
        stage.start(stage.member("desk", "billing", tts=voice(4000)), stage.member("billing", tts=voice(8000)))
        stage.peer.wait_until(lambda: len(stage.made) == 4, "billing to be ready")

    assert stage.made[2:] == ["model m", "voice 8000"]
    assert stage.asked("billing") == []


def test_a_handover_does_not_wait_for_a_member_that_is_slow_to_get_ready() -> None:
    with TeamStage(desk=says("", bill=TO_BILLING), slow=says(""), billing=says("Billing here.")) as stage:
        desk = stage.member("desk", "slow", "billing", tts=voice(4000))
        stage.start(desk, stage.member("slow", tts=voice(HANGING)), stage.member("billing", tts=voice(8000)))
        stage.peer.wait_until(lambda: f"voice {HANGING}" in stage.made, "the slow one to be made")
        stage.say("bill")
        stage.peer.wait_until(lambda: len(stage.asked("billing")) == 1, "billing to be asked", timeout=8)
        stage.wait_spoken("Billing here.")

    assert [level for level, _ in stage.levels()] == [4000, 8000]


def test_a_caller_who_interrupts_the_handover_is_answered_by_the_next_one() -> None:
    with TeamStage(desk=says("", bill=TO_BILLING), billing=says("Billing here.")) as stage:
        stage.start(stage.member("desk", "billing", tts=voice(4000)), stage.member("billing", tts=voice(8000)))
        stage.say("bill")
        stage.switched.wait_for_requests(1)
        stage.peer.wait_until(lambda: stage.peer.heard_ms() > 300, "the sentence to begin")
        stage.say("quickly")
        stage.wait_spoken("Billing here.")

    messages = stage.asked("billing")[0]["messages"]
    assert len(stage.asked("billing")) == 1
    assert messages[-1] == {"role": "user", "content": "quickly"}
    heard = next(m["content"] for m in messages if m["role"] == "assistant" and m.get("content"))
    assert PUT_THROUGH.startswith(heard)
    assert heard != PUT_THROUGH


def test_the_next_one_listens_with_its_own_ears_and_takes_turns_in_its_own_way() -> None:
    long = "Billing is very busy today and asks you to wait for a moment."
    desk = says(PUT_THROUGH, bill=TO_BILLING)
    with TeamStage(desk=desk, billing=says("I see.", transferred=Say(long))) as stage:
        silence = {"stop": "silence", "silence_secs": 0.1}
        one: dict[str, Any] = {
            "stt": ears("desk"),
            "tts": voice(4000),
            "turn": {**silence, "barge_in": "words", "barge_in_words": 1},
        }
        two: dict[str, Any] = {"stt": ears("billing"), "tts": voice(8000), "turn": {**silence, "barge_in": "off"}}
        stage.start(stage.member("desk", "billing", **one), stage.member("billing", **two))
        stage.make_a_sound()
        stage.peer.wait_until(lambda: max(stage.levels(), default=(0, 0)) >= (4000, 300), "the desk to speak")
        stage.make_a_sound()
        stage.peer.wait_until(lambda: len(stage.asked("desk")) == 2, "the desk to be interrupted")
        stage.say("bill")
        stage.peer.wait_until(lambda: stage.levels()[-1] >= (8000, 500), "billing to speak")
        stage.make_a_sound()
        stage.wait_spoken("I see.")

    assert stage.llms["desk"].said_by("user", 1) == ["heard by desk", "heard by desk"]
    assert stage.llms["billing"].said_by("user")[-1] == "heard by billing"
    assert (8000, ms(long) + ms("I see.")) == stage.levels()[-1]


def test_a_member_that_cannot_be_made_does_not_get_the_call() -> None:
    desk = says("I stay.", bill=TO_BILLING)
    with TeamStage(desk=desk, billing=says("")) as stage:
        stage.start(stage.member("desk", "billing"), stage.member("billing", model="broken"))
        stage.say("bill")
        stage.wait_said("I stay.")

    assert "cannot take the call" in stage.llms["desk"].said_by("tool")[0]
    assert stage.switched.requests == []
    assert stage.asked("desk")[-1]["messages"][0]["content"].startswith("You are desk.")


def test_a_member_whose_voice_cannot_be_made_speaks_with_the_one_before() -> None:
    with TeamStage(desk=says("", bill=TO_BILLING), billing=says("Billing here.")) as stage:
        stage.start(stage.member("desk", "billing", tts=voice(4000)), stage.member("billing", tts=voice(0)))
        stage.say("bill")
        stage.wait_spoken("Billing here.")

    assert stage.levels() == [(4000, ms(PUT_THROUGH) + ms("Billing here."))]


def test_who_stands_in_for_a_members_model_has_the_members_prompt() -> None:
    with TeamStage(desk=says("", bill=TO_BILLING), spare=says("Spare here.", more=Say("Spare again."))) as stage:
        nowhere = {"type": "scripted", "model": "dead", "base_url": "http://127.0.0.1:9/v1"}
        spare = {"type": "scripted", "model": "spare", "base_url": stage.llms["spare"].base_url}
        billing = stage.member("billing", llm="spare", tts=voice(8000))
        billing["agent"]["llm"] = {**nowhere, "fallback": [spare]}
        desk = stage.member("desk", "billing", tts=voice(4000))
        stage.start(desk, billing, agent={"failure": {"retries": 0}})
        stage.say("bill")
        stage.wait_spoken("Spare here.")
        stage.say("more")
        stage.wait_spoken("Spare again.")

    first = stage.asked("spare")[0]["messages"]
    assert first[0]["content"].startswith("You are billing.")
    assert len(stage.asked("desk")) == 1


def test_tools_and_a_handover_in_one_answer_are_both_done() -> None:
    both = CallTool({"note": {}, "to_billing": {}})
    with TeamStage(desk=says("", bill=both), billing=says("Billing here.")) as stage:
        desk = {**stage.member("desk", "billing"), "tools": [tool("note", run_llm=False)]}
        stage.start(desk, stage.member("billing"))
        stage.say("bill")
        stage.wait_said("Billing here.")

    assert len(stage.tools.requests) == 1
    assert len(stage.asked("billing")) == 1
    assert len(stage.llms["billing"].said_by("tool")) == 2


def test_a_platforms_team_goes_on_with_the_member_it_names() -> None:
    with TeamStage(
        desk=says("", bill=TO_BILLING), billing=says("Billing here.", desk=CallTool({"to_desk": {}}))
    ) as stage:
        models = {name: llm.base_url for name, llm in stage.llms.items()}
        stage.address_of(models)
        ways = {"desk": "billing", "billing": "desk"}
        members = [
            {
                "id": uuid_of(name),
                "name": name,
                "ai": {"engine_model": f"by_model.{name}", "engine_key": "k", "init_prompt": f"You are {name}."},
                "tools": [tool("note", run_llm=False)],
                "transitions": [{"function_name": f"to_{to}", "next_member_id": uuid_of(to)}],
            }
            for name, to in ways.items()
        ]
        team = {"id": uuid_of("team"), "start_member_id": uuid_of("billing"), "members": members}
        link = {"tools_url": stage.tools.url, "member_switched_url": stage.switched.url}
        history = [{"role": "user", "content": "Hello?"}]
        stage.runner.start(stage.peer, resolved_team=team, link=link, llm_messages=history)
        stage.wait_said("Billing here.")
        stage.say("desk")
        stage.peer.wait_until(lambda: stage.asked("desk"), "the desk to be asked")
        stage.switched.wait_for_requests(1)

    assert stage.asked("billing")[0]["messages"][0]["content"].startswith("You are billing.")
    told = stage.switched.requests[0]
    assert (told["from_member"]["id"], told["to_member"]["id"]) == (uuid_of("billing"), uuid_of("desk"))
    assert told["to_member"]["engine_model"] == "by_model.desk"


@pytest.mark.parametrize("resumed", [True, False])
def test_a_lost_pipelines_replacement_goes_on_with_the_member_that_had_the_call(resumed: bool) -> None:
    messages = [{"role": "user", "content": "bill"}, {"role": "assistant", "content": "Billing here."}]
    resume = {"attempt": 1, "messages": messages, "member": "billing" if resumed else "gone"}
    with TeamStage(desk=says("Desk."), billing=says("Billing.")) as stage:
        stage.start(stage.member("desk", "billing"), stage.member("billing"), resume=resume)
        stage.say("go on")
        stage.wait_said("Billing." if resumed else "Desk.")

    contexts = [d["d"] for d in stage.peer.data("server-message") if d.get("t") == "context"]
    assert contexts[-1]["member"] == ("billing" if resumed else "desk")


def _without_model(members: list[dict[str, Any]]) -> None:
    del members[1]["agent"]["llm"]


def _to_nobody(members: list[dict[str, Any]]) -> None:
    members[0]["transitions"][0]["to"] = "biling"


def _same_id(members: list[dict[str, Any]]) -> None:
    members[1]["id"] = "desk"


def _same_name(members: list[dict[str, Any]]) -> None:
    members[0]["tools"] = [tool("to_billing")]


def _twice(members: list[dict[str, Any]]) -> None:
    members[0]["transitions"] *= 2


def _unknown_voice(members: list[dict[str, Any]]) -> None:
    members[0]["agent"]["tts"] = voice(4000)
    members[1]["agent"]["tts"] = {"type": "mouth"}


def _bad_schema(members: list[dict[str, Any]]) -> None:
    members[1]["tools"] = [tool("x", parameters={"type": "list"})]


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (
            _to_nobody,
            "agent.team.members[0].transitions[0].to: 'biling' is no member of the team; its members are "
            "desk, billing; did you mean billing?",
        ),
        (_same_id, "agent.team.members: these ids are not unique: desk"),
        (_same_name, "agent.team.members[0].tools: these names are not unique: to_billing"),
        (_twice, "agent.team.members[0].transitions: these names are not unique: to_billing"),
        (_without_model, "agent.team.members[1].agent.llm: missing"),
        (_unknown_voice, "agent.team.members[1].agent.tts.type: unknown provider 'mouth'"),
        (_bad_schema, "agent.team.members[1].tools[0].parameters.type: must be object"),
    ],
)
def test_a_team_that_cannot_work_is_refused_with_the_place(
    spoil: Callable[[list[dict[str, Any]]], None], detail: str
) -> None:
    with TeamStage(desk=says(""), billing=says("")) as stage:
        members = [stage.member("desk", "billing"), stage.member("billing")]
        body = stage.body(*members)
        spoil(members)
        answer = stage.runner.run(stage.peer, **body)

    assert answer.status_code == 400
    assert detail in answer.json()["detail"]
    assert not stage.peer.headers


def test_a_member_nobody_hands_over_to_is_allowed_and_what_members_leave_out_is_the_teams() -> None:
    with TeamStage(desk=says("Hello."), spare=says("")) as stage:
        member = stage.member("desk")
        llm = member["agent"].pop("llm")
        stage.start(member, stage.member("spare"), agent={"llm": llm, "greeting": "Welcome.", "tts": voice(4000)})
        stage.wait_spoken("Welcome.")
        stage.say("hi")
        stage.wait_spoken("Hello.")

    assert stage.levels() == [(4000, ms("Welcome.") + ms("Hello."))]
