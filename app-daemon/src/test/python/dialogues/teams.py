"""Teams: who has the call, what goes along, what each may do."""

from __future__ import annotations

from typing import Any

from dialogues.call import Call
from dialogues.servers import Say, Use
from dialogues.stage import Scene, dialogue, listening

HANG_UP = {"name": "hang_up", "builtin": True}
DESK = listening({"bill": Use("to_billing", text="I hand you over.")}, otherwise=Say("Reception."))
BILLING = listening(
    {"reception": Use("to_desk"), "goodbye": Use("hang_up", text="Goodbye from billing.")},
    otherwise=Say("This is billing."),
)


def _team(**billing: Any) -> dict[str, Any]:
    return {
        "start": "desk",
        "members": {
            "desk": {
                "name": "Desk",
                "prompt": "You are the desk.",
                "tools": [],
                "transitions": [{"to": "billing", "description": "About bills."}],
            },
            "billing": {
                "name": "Billing",
                "prompt": "You are billing.",
                "llm": {**BILLING_MODEL},
                "transitions": [{"to": "desk", "description": "Everything else."}],
                **billing,
            },
        },
    }


BILLING_MODEL = {"type": "openai_compatible", "base_url": "{minds}/v1", "model": "{name}-billing", "api_key": "none"}


@dialogue("teams", minds={"": DESK, "-billing": BILLING}, tools=[HANG_UP], team=_team())
async def a_member_hands_over_and_the_next_one_knows_what_was_said(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("bill")
    switched = await call.event("team_member_switched")
    await call.hears("hand you over")
    assert switched.data["to_member"]["name"] == "Billing", switched.data
    await call.hears("this is billing")
    asked = scene.asked("-billing")[0]
    assert "You are billing." in str(asked["messages"][0]["content"])
    assert any("bill" in str(message.get("content")).lower() for message in asked["messages"][1:]), asked["messages"]
    assert {tool["function"]["name"] for tool in asked["tools"]} == {"hang_up", "to_desk"}
    assert {tool["function"]["name"] for tool in scene.asked()[0]["tools"]} == {"to_billing"}


@dialogue("teams", minds={"": DESK, "-billing": BILLING}, tools=[HANG_UP], team=_team())
async def a_call_goes_there_and_back(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("bill")
    await call.hears("this is billing")
    await call.says("reception")
    await call.event("team_member_switched", transition_function_name="to_desk")
    await call.hears("reception")


@dialogue("teams", minds={"": DESK, "-billing": BILLING}, tools=[HANG_UP], team=_team())
async def a_tool_of_a_member_ends_the_call(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("bill")
    await call.hears("this is billing")
    await call.says("goodbye")
    await call.hears("goodbye from billing")
    await call.ended("bot_ended")


@dialogue(
    "teams",
    minds={
        "": DESK,
        "-billing": listening(
            {"story": Say("Once there was a bill. It was paid."), "enough": Say("Very well.")},
            otherwise=Say("This is billing."),
        ),
    },
    team=_team(turn={"barge_in": "off"}),
)
async def a_member_has_manners_of_its_own(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("bill")
    await call.hears("this is billing")
    await call.says("story")
    await call.event("bot_started_speaking")
    await call.says("stop")
    await call.hears("it was paid")
    await call.hears("very well")
