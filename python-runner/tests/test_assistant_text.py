"""An assistant without speech: the conversation in text, its tools, and how it hangs up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import pytest

from pipecat_runner._agent import TtsConfig
from pipecat_runner._bots.assistant import AssistantBot
from pipecat_runner._parts.call_end import LAST_WORDS_SECS
from pipecat_runner._providers.table import Provider
from pipecat_runner._providers.tts import PROVIDERS as VOICES
from pipecat_runner._providers.tts import Voice
from pipecat_runner._schema import RunRequest
from pipecat_runner._speech.local import LocalSpeech
from tests.support.peer import Peer
from tests.support.runner import TOKEN, Runner
from tests.support.services import CallTool, LlmServer, Say, ToolServer
from tests.support.words import RATE, SentenceVoice

BALANCE = {"name": "balance", "description": "The balance.", "parameters": {"type": "object", "properties": {}}}
HANG_UP = {"name": "hang_up", "description": "End the call.", "builtin": "hang_up"}


def script(message: dict[str, Any]) -> Say | CallTool:
    content = str(message.get("content"))
    if message["role"] == "tool":
        return Say(f"The tool said {content}")
    if "balance" in content:
        return CallTool({"balance": {"account": "1"}})
    if "bye" in content:
        return CallTool({"": "Goodbye!", "hang_up": {}})
    return Say("I am listening.")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer(script) as server:
        assert isinstance(server, LlmServer)
        yield server


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running


def agent(llm: LlmServer, **more: Any) -> dict[str, Any]:
    return {"bot": "assistant", "llm": {"type": "openai_compatible", "model": "m", "base_url": llm.base_url}, **more}


def said(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text")).strip()


def _has_count(peer: Peer, text: str, count: int) -> bool:
    return said(peer).count(text) == count


def test_text_comes_back_and_prompt_greeting_and_history_are_in_the_context(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        history = [{"role": "user", "content": "Earlier."}]
        runner.start(peer, agent=agent(llm, prompt="Be brief.", greeting="Welcome."), llm_messages=history)
        peer.say("Hello")
        peer.wait_until(lambda: "I am listening." in said(peer), "the answer")

    messages = [(message["role"], message["content"]) for message in llm.requests[0]["messages"]]
    assert messages == [("system", "Be brief."), ("user", "Earlier."), ("assistant", "Welcome."), ("user", "Hello")]


def test_a_tool_call_goes_to_the_daemon_with_an_id_of_its_own(llm: LlmServer, runner: Runner) -> None:
    def respond(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"tool_call_id": call["id"], "result": "success", "message": "", "data": {"euro": 12}}

    with Peer() as peer, ToolServer(respond) as tools:
        runner.start(peer, agent=agent(llm), tools=[BALANCE], link={"tools_url": f"{tools.url}/tools"})
        for turn in (1, 2):
            peer.say("my balance")
            peer.wait_until(partial(_has_count, peer, "12", turn), "the answer")

    first, second = tools.requests
    assert first["id"] != second["id"], "the model repeats its ids, the runner must not"
    assert first["type"] == "function"
    assert first["function"] == {"name": "balance", "arguments": '{"account": "1"}'}
    assert tools.authorizations == [f"Bearer {TOKEN}"] * 2
    finished = peer.data("llm-function-call-stopped")[0]
    assert finished["function_name"] == "balance"
    assert finished["result"] == {"status": "ok", "data": {"euro": 12}}


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (500, {"message": "broken"}, "HTTP 500"),
        (200, {"result": "failed", "message": "no such account"}, "no such account"),
    ],
)
def test_a_failed_tool_is_told_to_the_model(
    llm: LlmServer, runner: Runner, status: int, answer: dict[str, Any], error: str
) -> None:
    with Peer() as peer, ToolServer(lambda _: (status, answer)) as tools:
        runner.start(peer, agent=agent(llm), tools=[BALANCE], link={"tools_url": tools.url})
        peer.say("my balance")
        peer.wait_until(lambda: error in said(peer), "the error")

    assert '"status": "error"' in llm.requests[1]["messages"][-1]["content"]


def test_a_tool_that_does_not_answer_fails_at_its_deadline(llm: LlmServer, runner: Runner) -> None:
    release = threading.Event()

    def respond(_: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        release.wait(30)
        return 200, {}

    with Peer() as peer, ToolServer(respond) as tools:
        tool = {**BALANCE, "timeout_secs": 0.2}
        runner.start(peer, agent=agent(llm), tools=[tool], link={"tools_url": tools.url})
        peer.say("my balance")
        peer.wait_until(lambda: "no answer within" in said(peer), "the deadline")
        release.set()


def test_hang_up_ends_the_call_though_its_goodbye_is_never_heard(
    llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    words: Provider[TtsConfig, Voice] = Provider(lambda *_: Voice(SentenceVoice(), RATE))
    monkeypatch.setitem(cast(dict[str, Any], VOICES), "words", words)

    def build(request: RunRequest) -> AssistantBot:
        return AssistantBot(request, LocalSpeech(), last_words_secs=0.5)

    with Runner(build) as runner, Peer() as peer:
        runner.start(peer, agent=agent(llm, tts={"type": "words"}), tools=[HANG_UP])
        peer.hold(True)
        peer.say("bye")
        peer.wait_until(lambda: peer.received, "the goodbye to be sent")
        # Nothing else ends a call on hold, and the bound of a real call is longer than this.
        peer.wait_until(lambda: peer.closed, "the bound", timeout=LAST_WORDS_SECS - 3)
        runner.wait_idle()

    assert peer.heard_ms() == 0
    assert peer.closed is not None
    assert peer.closed.code == 1000
    assert peer.data("server-message")[-1]["d"]["reason"] == "bot_ended"


def test_hang_up_ends_the_call_and_says_so(llm: LlmServer, runner: Runner) -> None:
    with Peer() as peer:
        runner.start(peer, agent=agent(llm), tools=[HANG_UP])
        peer.say("bye")
        closed = peer.wait_closed()

    assert "Goodbye!" in said(peer)
    assert closed.code == 1000
    assert peer.data("server-message")[-1]["t"] == "call-ending"
    assert peer.data("server-message")[-1]["d"]["reason"] == "bot_ended"
    runner.wait_idle()
