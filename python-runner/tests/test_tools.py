"""Tools in a conversation: what the daemon is asked, what the model is told, what the caller hears meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.services import Answer, CallTool, Say
from tests.support.stage import VOICE, Stage, answers, name_of, ok, tool
from tests.support.strict import Messages

NUMBER = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}


# -- arguments and results


def test_bad_arguments_go_back_to_the_model_and_not_to_the_daemon() -> None:
    def answer(messages: Messages) -> Say | CallTool:
        last = messages[-1]
        if last["role"] == "user":
            return CallTool({"balance": {"number": "one"}})
        return CallTool({"balance": {"number": 1}}) if "Correct" in last["content"] else Say("Done.")

    with Stage(answer) as stage:
        stage.start([tool("balance", parameters=NUMBER)])
        stage.say("balance")
        stage.wait_said("Done.")

    assert "arguments.number: 'one' is not of type 'integer'" in stage.results()[0]
    assert [call["function"]["arguments"] for call in stage.tools.requests] == ['{"number": 1}']
    shown = stage.llm.requests[0]["tools"][0]["function"]
    assert shown["parameters"] == NUMBER
    assert shown["description"] == "The balance."


def test_a_model_that_never_gets_a_call_right_is_told_to_give_up_and_then_not_asked() -> None:
    def answer(messages: Messages) -> Say | CallTool:
        return CallTool({"balance": {}})

    with Stage(answer) as stage:
        stage.start([tool("balance", parameters=NUMBER)], tts=VOICE, failure={"sentence": "Sorry about that."})
        stage.say("balance")
        stage.wait_spoken("Sorry about that.")

    assert stage.tools.requests == []
    assert len(stage.llm.requests) == 6
    told = stage.results()
    assert "call again" in told[1]
    assert "do not call this function again" in told[2]


def test_a_model_that_only_calls_is_stopped() -> None:
    with Stage(lambda _: CallTool({"balance": {}})) as stage:
        stage.start([tool("balance")], tts=VOICE, failure={"sentence": "Sorry about that."})
        stage.say("balance")
        stage.wait_spoken("Sorry about that.")

    assert len(stage.tools.requests) == 20
    assert len(stage.llm.requests) == 24
    assert "speak to the caller now" in stage.results()[-1]


def test_names_that_a_provider_refuses_are_mapped_there_and_back() -> None:
    with Stage(answers(balance=CallTool({"crm_balance_": {}}))) as stage:
        stage.start([tool("crm.balance?")])
        stage.say("balance")
        stage.wait_said("Twelve")

    assert [name_of(call) for call in stage.tools.requests] == ["crm.balance?"]


def test_a_function_that_does_not_exist_has_a_result() -> None:
    with Stage(answers(balance=CallTool({"invented": {}}))) as stage:
        stage.start([tool("balance")])
        stage.say("balance")
        stage.wait_said("not currently available")

    assert stage.tools.requests == []


def test_a_large_result_reaches_the_model_cut_with_a_note() -> None:
    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        stage.respond = lambda call: ok(call, {"rows": ["x" * 1000] * 2000})
        stage.start([tool("balance")])
        stage.say("balance")
        stage.wait_said("these are the first 16000")

    assert len(stage.results()[0]) < 20_000


def test_a_schema_that_is_none_is_refused_before_the_call() -> None:
    with Stage(answers()) as stage:
        bad = tool("b", parameters={"properties": {"x": {"type": "text"}}})
        refused = stage.runner.run(stage.peer, **stage.body([tool("a"), bad]))

    assert refused.status_code == 400
    assert "tools[1].parameters.properties.x.type: not a JSON schema" in refused.json()["detail"]


# -- when the model speaks again


@pytest.mark.parametrize(
    ("configured", "argument", "speaks"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_run_llm_decides_whether_the_model_speaks_and_its_argument_goes_before(
    configured: bool, argument: bool | None, speaks: bool
) -> None:
    arguments = {} if argument is None else {"run_llm": argument}
    parameters = {"type": "object", "properties": {"run_llm": {"type": "boolean"}}}
    with Stage(answers(balance=CallTool({"balance": arguments}))) as stage:
        stage.start([tool("balance", run_llm=configured, parameters=parameters)])
        stage.say("balance")
        stage.peer.wait_for_message("llm-function-call-stopped")
        if speaks:
            stage.wait_said("Twelve euro.")
        stage.say("hello")
        stage.wait_said("I am listening.")

    assert len(stage.llm.requests) == (3 if speaks else 2)
    assert stage.tools.requests[0]["function"]["arguments"] == "{}"


def test_parallel_calls_are_made_at_once_and_answered_together() -> None:
    both = threading.Barrier(2)

    def respond(call: dict[str, Any]) -> Answer:
        both.wait(20)
        return ok(call, {"of": name_of(call)})

    with Stage(answers(both=CallTool({"balance": {}, "limit": {}, "bad": {}}))) as stage:
        stage.respond = respond
        stage.start([tool("balance"), tool("limit"), tool("bad", parameters=NUMBER)])
        stage.say("both")
        stage.wait_said("Result")

    assert len(stage.llm.requests) == 2
    balance, limit, bad = stage.results()
    assert "balance" in balance
    assert "limit" in limit
    assert "required property" in bad


def test_ids_that_a_model_repeats_become_unique() -> None:
    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        stage.start([tool("balance")])
        for turn in range(3):
            stage.say("balance")
            stage.peer.wait_until(lambda turn=turn: len(stage.llm.requests) == 2 * turn + 2, "the answer")  # type: ignore[misc]

    assert len({call["id"] for call in stage.tools.requests}) == 3


# -- interruption


def test_a_call_that_an_interruption_cancels_is_given_up() -> None:
    asked, release = threading.Event(), threading.Event()

    def respond(call: dict[str, Any]) -> Answer:
        asked.set()
        release.wait(20)
        return ok(call)

    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        stage.respond = respond
        stage.start([tool("balance", on_interruption="cancel")])
        stage.say("balance")
        assert asked.wait(20)
        stage.say("never mind")
        stage.wait_said("I am listening.")
        release.set()

    assert '"status": "cancelled"' in stage.results()[0]
    assert len(stage.llm.requests) == 2


def test_a_call_that_is_kept_tells_its_result_when_it_is_there() -> None:
    asked, release = threading.Event(), threading.Event()

    def respond(call: dict[str, Any]) -> Answer:
        asked.set()
        release.wait(20)
        return ok(call)

    def answer(messages: Messages) -> Say | CallTool:
        last = str(messages[-1]["content"])
        if "12" in last:
            return Say("Twelve euro.")
        return CallTool({"balance": {}}) if last == "balance" else Say("I am listening.")

    with Stage(answer) as stage:
        stage.respond = respond
        stage.start([tool("balance", on_interruption="keep")])
        stage.say("balance")
        assert asked.wait(20)
        stage.say("are you there?")
        stage.wait_said("I am listening.")
        release.set()
        stage.wait_said("Twelve euro.")

    assert len(stage.tools.requests) == 1


# -- what the caller hears meanwhile


def test_a_tools_sentence_is_said_when_the_model_says_nothing() -> None:
    with Stage(
        answers(silent=CallTool({"balance": {}}), talking=CallTool({"": "Let me see.", "balance": {}}))
    ) as stage:
        stage.start([tool("balance", speech="I look it up.")], tts=VOICE)
        stage.say("talking")
        stage.wait_spoken("Twelve euro.")
        stage.say("silent")
        stage.peer.wait_until(lambda: " ".join(stage.spoken()).count("Twelve euro.") == 2, "the second answer")

    assert stage.spoken().count("I look it up.") == 1
    roles = [(m["role"], str(m.get("content"))[:13]) for m in stage.llm.requests[-1]["messages"]]
    first = roles.index(("assistant", "Let me see."))
    assert [role for role, _ in roles[first + 1 : first + 4]] == ["assistant", "tool", "assistant"]
    assert roles[-3][1] == "I look it up."
    assert [role for role, _ in roles[-3:]] == ["assistant", "assistant", "tool"]


def test_a_tools_sentence_is_not_said_again_when_the_model_corrects_its_call() -> None:
    def answer(messages: Messages) -> Say | CallTool:
        last = messages[-1]
        if last["role"] == "user":
            return CallTool({"balance": {}})
        return CallTool({"balance": {"number": 1}}) if "Correct" in last["content"] else Say("Done.")

    with Stage(answer) as stage:
        stage.start([tool("balance", parameters=NUMBER, speech="I look it up.")], tts=VOICE)
        stage.say("balance")
        stage.wait_spoken("Done.")

    assert stage.spoken() == ["I look it up.", "Done."]


def test_nobody_waits_in_silence() -> None:
    release = threading.Event()

    def respond(call: dict[str, Any]) -> Answer:
        release.wait(20)
        return ok(call)

    waiting = {"after_secs": 0.2, "every_secs": 0.6, "sentences": ["A moment.", "Still at it."]}
    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        stage.respond = respond
        stage.start([tool("balance")], tts=VOICE, waiting=waiting)
        stage.say("balance")
        stage.peer.wait_until(lambda: stage.spoken().count("Still at it.") == 2, "the sentences")
        release.set()
        stage.wait_spoken("Twelve euro.")

    assert stage.spoken()[:3] == ["A moment.", "Still at it.", "Still at it."]
    texts = stage.llm.said_by("assistant")
    assert "A moment." in " ".join(texts)


def test_a_result_that_is_there_first_leaves_no_silence_to_fill() -> None:
    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        stage.start([tool("balance")], tts=VOICE, waiting={"after_secs": 5.0})
        stage.say("balance")
        stage.wait_spoken("Twelve euro.")

    assert "moment" not in " ".join(stage.spoken())


def test_without_a_voice_silence_is_not_filled() -> None:
    with Stage(answers(balance=CallTool({"balance": {}}))) as stage:
        held = threading.Event()
        stage.respond = lambda call: (held.wait(0.4), ok(call))[1]
        stage.start([tool("balance", speech="I look it up.")], waiting={"after_secs": 0.05, "every_secs": 0.05})
        stage.say("balance")
        stage.wait_said("Twelve euro.")

    assert stage.llm.said_by("assistant")[:-1] == []
    assert "look it up" not in str(stage.peer.messages)
