"""Tools: what is asked, what comes back, and what the caller hears meanwhile."""

from __future__ import annotations

import time
from typing import Any

from dialogues.call import Call
from dialogues.servers import Answer, Messages, Say, Use
from dialogues.stage import Scene, dialogue, listening, tool_result

BALANCE: dict[str, Any] = {
    "name": "balance",
    "description": "The balance of an account.",
    "parameters": {
        "type": "object",
        "properties": {"account": {"type": "string", "enum": ["checking", "savings"]}},
        "required": ["account"],
    },
    "webhook": {"url": "{hooks}/balance"},
}
HANG_UP = {"name": "hang_up", "builtin": True}
TRANSFER = {"name": "transfer", "ends_call": "transfer", "webhook": {"url": "{hooks}/transfer"}}


def _balance(messages: Messages) -> Answer:
    return Say("Your balance is twelve euros." if "12" in tool_result(messages) else "The balance is not known.")


def _slowly(_: dict[str, Any]) -> tuple[int, Any]:
    time.sleep(4)
    return 200, {"order": "a red bicycle"}


@dialogue(
    "tools",
    mind=listening({"balance": Use("balance", {"account": "checking"})}, result=_balance),
    hooks={"balance": lambda _: (200, {"euro": 12})},
    tools=[BALANCE],
)
async def a_tool_is_called_and_its_result_is_told(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("balance")
    await call.event("tool_call_finished", name="balance", succeeded=True)
    await call.hears("twelve euros")
    (body,) = scene.called("balance")
    assert body["arguments"] == {"account": "checking"}
    assert body["pipecatcall_id"] == call.id


@dialogue(
    "tools",
    mind=listening({"balance": Use("balance", {"account": "checking"})}, result=_balance),
    hooks={"balance": lambda _: (500, {"detail": "broken"})},
    tools=[BALANCE],
)
async def a_tool_that_fails_is_told_to_the_model(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("balance")
    await call.event("tool_call_finished", succeeded=False)
    await call.hears("not known")


def _corrected(messages: Messages) -> Answer:
    result = tool_result(messages)
    return _balance(messages) if "euro" in result else Use("balance", {"account": "savings"})


@dialogue(
    "tools",
    mind=listening({"balance": Use("balance", {"account": "gold"})}, result=_corrected),
    hooks={"balance": lambda _: (200, {"euro": 12})},
    tools=[BALANCE],
)
async def wrong_arguments_never_leave_and_the_model_may_mend_them(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("balance")
    await call.hears("twelve euros")
    assert [body["arguments"] for body in scene.called("balance")] == [{"account": "savings"}]


ORDER = {"name": "order", "description": "The last order.", "webhook": {"url": "{hooks}/order"}}


@dialogue(
    "tools",
    mind=listening({"order": Use("order")}, result=Say("It was a red bicycle.")),
    hooks={"order": _slowly},
    tools=[ORDER],
    waiting={"after_secs": 1, "every_secs": 2, "sentences": ["One moment please.", "A little longer."]},
)
async def a_slow_tool_is_bridged_and_the_line_is_never_dead(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("order")
    asked = (await call.event("tool_call_started", name="order")).at
    await call.hears("one moment")
    answered = (await call.hears("red bicycle")).at
    assert call.longest_silence(asked, answered) < 2.5, call.longest_silence(asked, answered)


@dialogue(
    "tools",
    mind=listening({"order": Use("order")}, result=Say("It was a red bicycle.")),
    hooks={"order": _slowly},
    tools=[{**ORDER, "speech": "Let me look that up."}],
    waiting={"after_secs": 0},
)
async def a_tool_may_have_words_of_its_own(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("order")
    await call.hears("look that up")
    await call.hears("red bicycle")


@dialogue(
    "tools",
    mind=listening({"balance": Use("note"), "hear me": Say("Yes, I can hear you.")}, result=Say("This is not said.")),
    hooks={"note": lambda _: (200, {})},
    tools=[{"name": "note", "run_llm": False, "webhook": {"url": "{hooks}/note"}}],
)
async def a_tool_without_an_answer_leaves_the_caller_the_word(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("balance")
    await call.event("tool_call_finished", name="note", succeeded=True)
    await call.says("hello")
    await call.hears("I can hear you")
    call.never("message_bot_heard", "not said")


@dialogue("tools", mind=listening({"goodbye": Use("hang_up", text="Thank you for calling.")}), tools=[HANG_UP])
async def the_bot_hangs_up_when_its_goodbye_was_heard(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("goodbye")
    await call.hears("thank you for calling")
    await call.ended("bot_ended")
    await call.is_hung_up()


@dialogue(
    "tools",
    mind=listening({"colleague": Use("transfer", text="I put you through to my colleague.")}),
    hooks={"transfer": lambda _: (200, {})},
    tools=[TRANSFER],
)
async def a_transfer_happens_when_the_sentence_before_it_was_heard(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("colleague")
    heard = (await call.hears("put you through")).at
    await call.ended("transferred")
    (called,) = scene.called_at("transfer")
    assert called > heard - 0.1, (called, heard)


@dialogue(
    "tools",
    mind=listening({"colleague": Use("transfer", text="One second.")}, result=Say("My colleague does not answer.")),
    hooks={"transfer": lambda _: (503, {"detail": "busy"})},
    tools=[TRANSFER],
)
async def a_transfer_that_fails_leaves_the_caller_with_the_bot(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("colleague")
    await call.hears("does not answer")
    call.never("pipecatcall_terminated")


@dialogue(
    "tools",
    mind=listening({"order": Use("order"), "weather": Say("It is sunny.")}, result=Say("It was a red bicycle.")),
    hooks={"order": _slowly},
    tools=[{**ORDER, "on_interruption": "cancel"}],
    waiting={"after_secs": 0},
)
async def a_caller_who_interrupts_ends_a_tool_that_may_be_ended(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("order")
    await call.event("tool_call_started", name="order")
    await call.says("weather")
    await call.hears("sunny")
    call.never("message_bot_heard", "bicycle")


@dialogue(
    "tools",
    mind=listening({"order": Use("order"), "weather": Say("It is sunny.")}, result=Say("It was a red bicycle.")),
    hooks={"order": _slowly},
    tools=[ORDER],
    waiting={"after_secs": 0},
)
async def the_result_of_a_tool_that_is_kept_is_told_later(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("order")
    await call.event("tool_call_started", name="order")
    await call.says("weather")
    await call.hears("sunny")
    await call.hears("bicycle")


@dialogue(
    "tools",
    mind=listening({"phone": Use("send_dtmf", {"digits": "42#"})}, result=Say("Done.")),
    tools=[{"name": "send_dtmf", "builtin": True}],
)
async def keys_are_played_as_tones(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    heard = len(call.sounding)
    await call.says("phone")
    await call.hears("done")
    assert sum(sounds for _, sounds in call.sounding[heard:]) > 15, "three tones of a tenth of a second, and a word"
