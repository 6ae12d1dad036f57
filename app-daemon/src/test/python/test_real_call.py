"""One conversation with real speech through the real pipecat, as a platform sees it."""

from __future__ import annotations

import uuid
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from support.daemon import HOME, Daemon
from support.llm import Model, Said
from support.platform import Platform
from support.rabbit import Reply, Request, host_queue
from support.wait import until

HOST = "127.0.0.2"
AI_CALL, AI, CALL = (str(uuid.UUID(int=0x4000_8000_0000_0000_0000 + n)) for n in (1, 2, 3))
KEY = "sk-of-the-ai"
CALL_KEYS = ["id", "customer_id", "activeflow_id", "reference_type", "reference_id", "host_id", "llm_type"]
CALL_KEYS += ["llm_messages", "stt_type", "stt_language", "tts_type", "tm_create", "tm_update", "tm_delete", "status"]
MESSAGE_KEYS = ["id", "customer_id", "pipecatcall_id", "pipecatcall_reference_type", "pipecatcall_reference_id"]
MESSAGE_KEYS += ["activeflow_id", "in_reply_to_message_id", "text"]


def script(messages: list[dict[str, Any]]) -> Said:
    last = messages[-1]
    content = str(last.get("content"))
    if last["role"] == "tool":
        return f"Your balance is {'twelve euros' if 'twelve' in content else 'unknown'}.", None
    if "balance" in content.lower():
        return "", ("get_variables", {"run_llm": True})
    if "digit" in content:
        return "You pressed five.", None
    return "Hello, how can I help you?", None


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(script) as running:
        yield running


@pytest.fixture
def daemon(platform: Platform, model: Model, tmp_path: Path) -> Iterator[Daemon]:
    platform.managers.on("GET", "^/v1/aicalls/", lambda _: (200, ai_call("call")))
    platform.managers.on("GET", "^/v1/ais/", lambda _: (200, ai()))
    platform.managers.on("GET", "^/v1/tools$", lambda _: (200, {"tools": [TOOL, {**TOOL, "name": "create_call"}]}))
    platform.managers.on("POST", "/tool_execute$", execute)
    with Daemon(tmp_path, platform.environment, HOST, OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="") as running:
        yield running


TOOL = {
    "name": "get_variables",
    "description": "Read the variables.",
    "parameters": {"type": "object", "properties": {"run_llm": {"type": "boolean"}}},
    "run_llm": True,
}


def ai_call(reference_type: str) -> dict[str, Any]:
    return {
        "id": AI_CALL,
        "assistance_type": "ai",
        "assistance_id": AI,
        "reference_type": reference_type,
        "reference_id": CALL,
        "ai_vad_config": {"stop_secs": 0.3},
        "ai_smart_turn_enabled": False,
    }


def ai() -> dict[str, Any]:
    return {
        "id": AI,
        "type": "normal",
        "engine_model": "openai.gpt-test",
        "engine_key": KEY,
        "tool_names": ["get_variables"],
    }


def execute(request: Request) -> Reply:
    result = {"tool_call_id": request.data["id"], "result": "success", "message": "the balance is twelve euros"}
    return 200, {**result, "resource_type": "", "resource_id": ""}


def spoken(name: str) -> bytes:
    with wave.open(str(HOME / f"dev/demo/caller/{name}.wav")) as file:
        # A second of quiet, so that the end of the turn is heard.
        return file.readframes(file.getnframes()) + bytes(16_000)


def test_a_caller_is_greeted_answered_with_a_tool_and_everything_is_told(
    platform: Platform, daemon: Daemon, model: Model
) -> None:
    history = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}]
    call = platform.start_call(
        reference_type="ai_call", reference_id=AI_CALL, llm_messages=history, stt_language="en-US"
    )
    events = platform.events
    until("the greeting was heard", lambda: events.of(call, "message_bot_heard"), 60)
    platform.asterisk.say(call, spoken("balance"))
    until("the answer was heard", lambda: len(events.of(call, "message_bot_heard")) >= 2, 60)

    message_id = str(uuid.uuid4())
    body = {
        "pipecatcall_id": call,
        "message_id": message_id,
        "message_text": "type: dtmf\ndigit: 5\nduration: 100",
        "run_immediately": True,
        "audio_response": True,
    }
    sent = platform.rpc.call("POST", "/v1/messages", body, queue=host_queue(HOST))
    assert sent.status == 200
    assert sent.data["text"] == body["message_text"]
    assert sent.data["id"] != message_id
    assert list(sent.data) == MESSAGE_KEYS
    answered = until(
        "the answer to the message",
        lambda: [e for e in events.of(call, "message_bot_llm") if e.data["in_reply_to_message_id"] == message_id],
    )
    assert answered[0].data["text"].strip() == "You pressed five."
    assert platform.rpc.call("POST", "/v1/messages", body).data["id"] == sent.data["id"], "a repeated message"

    stopped = platform.rpc.call("POST", f"/v1/pipecatcalls/{call}/stop", queue=host_queue(HOST))
    assert stopped.status == 200
    (terminated,) = until("the end is told", lambda: events.of(call, "pipecatcall_terminated"))

    # What other services saw.
    told = events.of(call)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    types = [event.type for event in told]
    assert types[0] == "pipecatcall_created"
    assert types[-1] == "pipecatcall_terminated"
    for once in ("pipecatcall_created", "pipecatcall_initialized", "pipecatcall_terminated"):
        assert types.count(once) == 1, once
    (created,) = events.of(call, "pipecatcall_created")
    assert list(created.data) == CALL_KEYS
    assert created.body["publisher"] == "pipecat-manager"
    assert created.body["data_type"] == "application/json"
    assert created.properties.content_type == "text/plain"
    assert created.properties.delivery_mode == 2
    assert terminated.data["end_reason"] == "requested"
    for event in events.of(call, "message_user_transcription", "message_user_llm", "message_bot_llm"):
        assert list(event.data) == MESSAGE_KEYS, event.type
    said = " ".join(e.data["text"] for e in events.of(call, "message_user_transcription")).lower()
    assert "balance" in said
    for final in events.of(call, "message_bot_llm"):
        deltas = [e for e in events.of(call, "message_bot_llm_intermediate") if e.data["id"] == final.data["id"]]
        assert [e.data["sequence"] for e in deltas] == list(range(1, len(deltas) + 1))
        assert all(e.sequence < final.sequence for e in deltas)
        assert final.data["text"].startswith("".join(e.data["text"] for e in deltas))
        assert all(e.properties.delivery_mode == 1 for e in deltas)

    # What the managers and the model were asked.
    (tool,) = platform.managers.asked("POST", f"^/v1/aicalls/{AI_CALL}/tool_execute$")
    assert tool.data["function"]["name"] == "get_variables"
    (media,) = platform.managers.asked("POST", "^/v1/external-medias$")
    assert media.data == {
        "id": call,
        "reference_type": "call",
        "reference_id": CALL,
        "external_host": daemon.ready["audiosocket"][0],
        "encapsulation": "audiosocket",
        "transport": "tcp",
        "connection_type": "client",
        "format": "slin",
        "direction_listen": "in",
        "direction_speak": "out",
    }
    assert platform.managers.asked("DELETE", f"^/v1/external-medias/{call}$")
    assert set(model.authorizations) == {f"Bearer {KEY}"}
    assert [t["function"]["name"] for t in model.requests[0]["tools"]] == ["get_variables"]

    # What is kept.
    hexed = call.replace("-", "")
    (row,) = platform.database.rows("SELECT * FROM pipecat_pipecatcalls WHERE id = UNHEX(%s)", hexed)
    assert (row["status"], row["end_reason"], row["host_id"]) == ("ended", "requested", HOST)
    messages = platform.database.rows(
        "SELECT speaker, text FROM pipecat_messages WHERE pipecatcall_id = UNHEX(%s) ORDER BY position", hexed
    )
    speakers = [message["speaker"] for message in messages]
    assert speakers[:3] == ["bot", "user", "bot"], speakers
    assert "twelve" in messages[2]["text"]
    turns = platform.database.rows("SELECT * FROM pipecat_turns WHERE pipecatcall_id = UNHEX(%s)", hexed)
    answers = [turn for turn in turns if turn["kind"] == "answer" and turn["first_frame_ms"] is not None]
    assert answers, turns
    for turn in answers:
        assert 0 < turn["first_frame_ms"] < 20_000
    host, _, port = platform.services.environment["PIPECAT_REDIS_URL"].removeprefix("redis://").partition(":")
    with redis.Redis(host=host, port=int(port.rstrip("/")), db=1) as cache:
        assert cache.get(f"pipecatcall:{call}") is not None
        assert 0 < int(cache.ttl(f"pipecatcall:{call}")) <= 86_400
    log = daemon.log()
    for secret in (KEY, "twelve euros", "how can I help"):
        assert secret not in log, "speech or a key is in the log"


def test_a_text_conversation_has_no_leg_takes_messages_and_is_stopped(
    platform: Platform, daemon: Daemon, model: Model
) -> None:
    platform.managers.on("GET", "^/v1/aicalls/", lambda _: (200, ai_call("conversation")))
    call = platform.start_call(
        reference_type="ai_call",
        reference_id=AI_CALL,
        stt_type="",
        tts_type="",
        llm_messages=[{"role": "user", "content": "What is my balance?"}],
    )
    events = platform.events
    answered = until("the answer", lambda: [e for e in events.of(call, "message_bot_llm") if e.data.get("text")], 30)
    assert "twelve" in answered[0].data["text"]
    body = {"pipecatcall_id": call, "message_id": str(uuid.uuid4()), "message_text": "digit", "run_immediately": True}
    assert platform.rpc.call("POST", "/v1/messages", body).status == 200
    until(
        "the second answer",
        lambda: [
            e for e in events.of(call, "message_bot_llm") if e.data["in_reply_to_message_id"] == body["message_id"]
        ],
    )
    assert not platform.managers.asked("POST", "^/v1/external-medias$")
    assert platform.rpc.call("POST", f"/v1/pipecatcalls/{call}/stop").status == 200
    until("the end is told", lambda: events.of(call, "pipecatcall_terminated"))
    assert not platform.managers.asked("DELETE", "^/v1/external-medias/")
