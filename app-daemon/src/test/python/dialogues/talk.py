"""Plain conversations."""

from __future__ import annotations

import uuid

from dialogues.call import Call
from dialogues.servers import Answer, Messages, Say
from dialogues.stage import Scene, dialogue, listening

SUNNY = listening({"weather": Say("It is sunny today."), "hear me": Say("Yes, I can hear you.")})


@dialogue("talk", mind=SUNNY)
async def a_question_is_answered_after_the_greeting(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("weather")
    await call.event("message_user_transcription", "weather")
    await call.hears("sunny")
    (request,) = scene.asked()
    roles = [message["role"] for message in request["messages"]]
    assert roles == ["system", "assistant", "user"], roles


@dialogue(
    "talk", mind=listening({}, otherwise=Say("Good morning, this is the bank.")), greeting=None, speaks_first=True
)
async def the_model_begins_where_it_is_told_to(call: Call, scene: Scene) -> None:
    await call.hears("good morning")


@dialogue("talk", mind=SUNNY, greeting=None)
async def the_caller_begins(call: Call, scene: Scene) -> None:
    await call.event("pipecatcall_initialized")
    await call.says("hello")
    await call.hears("I can hear you")


def _remembers(messages: Messages) -> Answer:
    said = " ".join(str(message.get("content")) for message in messages if message["role"] == "user").lower()
    return Say("A table for you, Peter." if "peter" in said else "Who are you?")


@dialogue("talk", mind=listening({"peter": Say("Hello Peter."), "table": _remembers}))
async def what_was_said_before_is_remembered(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("name")
    await call.hears("hello Peter")
    await call.says("table")
    await call.hears("table for you, Peter")
    last = scene.asked()[-1]["messages"]
    assert [message["role"] for message in last] == ["system", "assistant", "user", "assistant", "user"], last


@dialogue("talk", mind=SUNNY, audio={"in_rate": "8000"})
async def a_pipeline_at_the_rate_of_the_line_understands(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("weather")
    await call.hears("sunny")


@dialogue("talk", mind=SUNNY, turn={"stop": "silence", "silence_secs": 0.4})
async def silence_ends_a_turn_where_it_is_told_to(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("weather")
    await call.hears("sunny")


@dialogue("talk", mind=listening({"gold": Say("I see that you are a gold member.")}))
async def a_message_from_outside_is_answered(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    message_id = str(uuid.uuid4())
    body = {
        "pipecatcall_id": call.id,
        "message_id": message_id,
        "message_text": "The caller is a gold member.",
        "run_immediately": True,
        "audio_response": True,
    }
    answer = await scene.api.post("/v1/messages", json=body)
    assert answer.status_code == 200, answer.text
    await call.event("message_bot_llm", "gold", in_reply_to_message_id=message_id)
    await call.hears("gold member")


@dialogue("talk", mind=listening({"story": Say("Once upon a time there was a king who had three sons. " * 4)}))
async def a_caller_who_hangs_up_ends_the_call(call: Call, scene: Scene) -> None:
    await call.hears("welcome")
    await call.says("story")
    await call.hears("once upon a time")
    call.hangs_up()
    await call.ended("caller_hung_up")
