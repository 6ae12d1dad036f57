"""Histories as they are found in the wild, put before models that are strict, each in its own way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pipecat.adapters.llm.services.anthropic_adapter import AnthropicLLMAdapter
from pipecat.adapters.llm.services.bedrock_adapter import AWSBedrockLLMAdapter
from pipecat.adapters.llm.services.gemini_adapter import GeminiLLMAdapter
from pipecat.adapters.llm.services.mistral_adapter import MistralLLMAdapter
from pipecat.adapters.llm.services.open_ai_adapter import OpenAILLMAdapter
from pipecat.processors.aggregators.llm_context import LLMContext

from pipecat_runner._agent import LlmConfig
from pipecat_runner._parts.context import ToldContext
from pipecat_runner._parts.history import History, opened, read_history
from pipecat_runner._schema import Message


def call(call_id: str, arguments: str = "{}", name: str = "f") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def asked(*call_ids: str, content: str = "") -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": [call(call_id) for call_id in call_ids]}


def result(call_id: str, content: str = '{"status": "ok"}') -> dict[str, Any]:
    return {"role": "tool", "content": content, "tool_call_id": call_id}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def bot(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


HISTORIES: dict[str, list[dict[str, Any]]] = {
    "plain": [user("Hi"), bot("Hello."), user("What is the time?")],
    "the bot began": [bot("Welcome."), user("Hi")],
    "cut at its beginning": [result("0"), bot("Your balance is 12."), user("Thanks")],
    "a call that was never answered": [user("Hi"), asked("1"), user("Hello?")],
    "half the results": [user("Hi"), asked("1", "2"), result("2"), user("And?")],
    "results in another order": [user("Hi"), asked("1", "2"), result("2"), result("1"), bot("Done."), user("Ok")],
    "a result that came late": [user("Hi"), asked("1"), user("Hurry"), bot("Yes."), result("1"), user("And?")],
    "a result that came twice": [user("Hi"), asked("1"), result("1"), result("1"), user("And?")],
    "ids that are used again": [user("a"), asked("1"), result("1"), bot("A"), user("b"), asked("1"), result("1")],
    "text and a call in one": [user("Hi"), asked("1", content="One moment."), result("1"), user("And?")],
    "an id of another provider": [user("Hi"), asked("call/with:odd characters"), result("call/with:odd characters")],
    "arguments that are no object": [
        user("Hi"),
        {"role": "assistant", "tool_calls": [call("1", "not json"), call("2", "[1]"), call("3", "")]},
        *(result(str(i)) for i in (1, 2, 3)),
        user("And?"),
    ],
    "a call without a name": [user("Hi"), {"role": "assistant", "tool_calls": [call("1", name="")]}, result("1")],
    "system messages": [
        {"role": "system", "content": "Be brief."},
        user("Hi"),
        {"role": "system", "content": "The caller was verified."},
        bot("Hello."),
        user("Go on"),
    ],
    "empty contents": [user(""), bot(None), user("Hi"), bot("  "), result("1", ""), asked("2"), result("2", "")],
    "roles that do not exist": [{"role": "narrator", "content": "Once"}, user("Hi"), {"role": "", "content": "x"}],
    "contents of parts": [user([{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "x"}}])],
    "values of any kind": [
        {"content": "x"},
        {"role": 7, "content": "x"},
        user({"a": 1}),
        user("Hi"),
        {"role": "assistant", "tool_calls": "x", "content": "a"},
        {"role": "assistant", "tool_calls": [{}, "x", {"id": 5, "function": "f"}, call("1")]},
        {"role": "tool", "tool_call_id": None},
        {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "ok"}, 5, None]},
        user(12),
    ],
    "two in a row": [user("Hi"), user("Are you there?"), bot("Yes."), bot("I am."), user("Good")],
    "nothing": [],
    "a hundred messages": [m for i in range(25) for m in (user(f"u{i}"), asked("1"), result("1"), bot(f"b{i}"))],
    "the pipeline was lost while a tool ran": [user("Hi"), asked("1"), result("1", "IN_PROGRESS")],
}


def read(name: str) -> History:
    return read_history([Message.model_validate(message) for message in HISTORIES[name]])


# -- what models refuse


def openai(messages: list[dict[str, Any]]) -> None:
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0), "a result that answers no call directly before it"
            assert message["content"]
            continue
        assert not waiting, "a call without its result"
        assert message["role"] in ("system", "developer", "user", "assistant")
        assert message.get("content") or message.get("tool_calls")
        waiting = [c["id"] for c in message.get("tool_calls", [])]
        assert all(isinstance(json.loads(c["function"]["arguments"]), dict) for c in message.get("tool_calls", []))
    assert not waiting, "a call without its result"


def alternating(messages: list[dict[str, Any]], use: Callable[[Any], Any], answer: Callable[[Any], Any]) -> None:
    assert messages, "no messages"
    assert messages[0]["role"] == "user", "the assistant begins"
    seen: set[str] = set()
    waiting: set[str] = set()
    for before, message in zip([None, *messages], messages, strict=False):
        assert before is None or before["role"] != message["role"], "the same role twice"
        blocks = message["content"] if isinstance(message["content"], list) else []
        assert blocks or message["content"]
        answered = {found for block in blocks if (found := answer(block))}
        assert answered == waiting, "a use without its result directly after it, or a result without its use"
        used = [found for block in blocks if (found := use(block))]
        assert len(seen | set(used)) == len(seen) + len(used), "ids must be unique"
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", found) for found in used)
        seen |= set(used)
        waiting = set(used)
    assert not waiting


def anthropic(messages: list[dict[str, Any]]) -> None:
    alternating(
        messages,
        lambda block: block.get("id") if block["type"] == "tool_use" else None,
        lambda block: block.get("tool_use_id") if block["type"] == "tool_result" else None,
    )


def bedrock(messages: list[dict[str, Any]]) -> None:
    alternating(
        messages,
        lambda block: block.get("toolUse", {}).get("toolUseId"),
        lambda block: block.get("toolResult", {}).get("toolUseId"),
    )


def gemini(contents: list[Any]) -> None:
    assert contents, "no contents"
    assert contents[0].role == "user"
    waiting: list[str] = []
    for content in contents:
        assert content.parts
        names = [part.function_response.name for part in content.parts if part.function_response]
        if waiting:
            assert names, "a function call that is not followed by its response"
        for name in names:
            assert name in waiting, "a response to no call"
            waiting.remove(name)
        waiting += [part.function_call.name for part in content.parts if part.function_call]
    assert not waiting


def mistral(messages: list[dict[str, Any]]) -> None:
    openai([message for message in messages if message.get("content") != " "])
    ids = [c["id"] for message in messages for c in message.get("tool_calls", [])]
    assert all(re.fullmatch(r"[a-zA-Z0-9]{9}", call_id) for call_id in ids)
    roles = [message["role"] for message in messages]
    assert "system" not in roles


async def sent(kind: str, context: LLMContext) -> Any:
    if kind == "openai":
        return (await OpenAILLMAdapter().get_llm_invocation_params(context, convert_developer_to_user=False))[
            "messages"
        ]
    if kind == "mistral":
        return (await MistralLLMAdapter().get_llm_invocation_params(context, convert_developer_to_user=True))[
            "messages"
        ]
    if kind == "anthropic":
        return (
            await AnthropicLLMAdapter().get_llm_invocation_params(
                context, enable_prompt_caching=False, system_instruction="Be kind."
            )
        )["messages"]
    if kind == "bedrock":
        return (await AWSBedrockLLMAdapter().get_llm_invocation_params(context, system_instruction="Be kind."))[
            "messages"
        ]
    return (await GeminiLLMAdapter().get_llm_invocation_params(context, system_instruction="Be kind."))["messages"]


STRICT: dict[str, Callable[[Any], None]] = {
    "openai": openai,
    "mistral": mistral,
    "anthropic": anthropic,
    "bedrock": bedrock,
    "gemini": gemini,
}


@pytest.mark.parametrize("name", HISTORIES)
@pytest.mark.parametrize("kind", STRICT)
async def test_a_strict_model_takes_every_history(kind: str, name: str) -> None:
    context = ToldContext(opened(read(name).messages, LlmConfig(type=kind)))

    STRICT[kind](await sent(kind, context))


def test_nothing_is_lost_that_a_model_can_take() -> None:
    kept = read("results in another order").messages

    first, second = (c["id"] for c in kept[1]["tool_calls"])
    assert [m["role"] for m in kept] == ["user", "assistant", "tool", "tool", "assistant", "user"]
    assert [m["tool_call_id"] for m in kept[2:4]] == [first, second]
    assert len(read("a hundred messages").messages) == 100
    assert [m["content"] for m in read("two in a row").messages] == ["Hi", "Are you there?", "Yes.", "I am.", "Good"]


def test_numbers_are_words_too() -> None:
    assert read("values of any kind").messages[-1] == user("12")


def test_half_the_results_keep_half_the_calls() -> None:
    kept = read("half the results").messages

    assert [m["role"] for m in kept] == ["user", "assistant", "tool", "user"]
    assert len(kept[1]["tool_calls"]) == 1


def test_what_the_bot_said_before_a_call_stays() -> None:
    assert [m.get("content") for m in read("text and a call in one").messages[:2]] == ["Hi", "One moment."]


def test_system_messages_are_instructions_at_the_beginning_and_notes_later() -> None:
    history = read("system messages")

    assert history.instructions == ["Be brief."]
    assert history.messages[1] == {"role": "developer", "content": "The caller was verified."}


def test_a_result_that_was_lost_with_its_pipeline_is_called_lost() -> None:
    assert "lost" in read("the pipeline was lost while a tool ran").messages[-1]["content"]


def test_a_late_result_of_a_background_tool_still_names_its_call() -> None:
    started = {"type": "async_tool", "status": "running", "tool_call_id": "x1"}
    final = {**started, "status": "finished", "result": "12"}
    history = [
        asked("x1"),
        result("x1", json.dumps(started)),
        user("Hello?"),
        {"role": "developer", "content": json.dumps(final)},
    ]
    kept = read_history([Message.model_validate(message) for message in history]).messages

    renamed = kept[0]["tool_calls"][0]["id"]
    assert [json.loads(kept[i]["content"])["tool_call_id"] for i in (1, 3)] == [renamed, renamed]


def test_a_caller_is_made_to_begin_only_where_a_model_wants_that() -> None:
    greeted = read("the bot began").messages

    assert opened(greeted, LlmConfig(type="openai")) == greeted
    assert opened(greeted, LlmConfig(type="anthropic"))[0]["role"] == "user"
    mixed = LlmConfig(type="openai", fallback=[LlmConfig(type="bedrock")])
    assert opened([], mixed)[0]["role"] == "user", "the one who takes over gets the same conversation"
    again = [Message.model_validate(m) for m in opened(greeted, mixed)]
    assert read_history(again).messages == greeted, "who resumes the call does not take it for the caller's words"
