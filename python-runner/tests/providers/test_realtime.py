"""Speech-to-speech models: pipecat's own services against servers that speak the providers' protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.providers.ears import errors, sentence, talk
from tests.providers.proof import proving
from tests.providers.servers.gemini_live import GeminiLiveServer, certificate
from tests.providers.servers.openai_realtime import OpenAiRealtimeServer
from tests.providers.servers.streaming import Call
from tests.providers.servers.talking import TalkingServer, kind
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import ToolServer
from tests.support.words import words_heard

MODELS = {"openai_realtime": "gpt-realtime-2.1", "gemini_live": "gemini-3.8-live"}
KEY = "key-of-nobody"
ANSWER = "You have twelve euros. That is all there is on your account at the moment, I am afraid to say."
TOOL = {
    "name": "balance",
    "description": "The balance.",
    "parameters": {"type": "object", "properties": {"account": {"type": "string"}}},
}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def servers(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], TalkingServer]]:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    return {"openai_realtime": OpenAiRealtimeServer, "gemini_live": lambda: GeminiLiveServer(trusted)}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as running:
        yield running
    assert running.left_over == []


def agent(name: str, server: TalkingServer, **more: Any) -> dict[str, Any]:
    llm = {"type": name, "model": MODELS[name], "base_url": server.address, "api_key": KEY, **more.pop("llm", {})}
    llm = {key: value for key, value in llm.items() if value is not None}
    return {"prompt": "Be brief.", "llm": llm, "turn": {"stop": "silence", "silence_secs": 0.3}, **more}


def start(runner: Runner, peer: Peer, name: str, server: TalkingServer, tools: Any = (), **more: Any) -> None:
    link = {"tools_url": more.pop("tools_url")} if "tools_url" in more else {}
    runner.start(peer, name, agent=agent(name, server, **more), tools=list(tools), link=link, audio={"in_rate": 8000})


def told(peer: Peer, role: str) -> list[str]:
    """The conversation as the daemon was told of it."""
    contents: dict[int, list[str]] = {}
    for data in peer.data("server-message"):
        if data.get("t") == "context":
            contents = {at: said for at, said in contents.items() if at < data["d"]["from"]}
            contents[data["d"]["from"]] = [
                str(m["content"]) for m in data["d"]["messages"] if m["role"] == role and m.get("content")
            ]
    return [text for at in sorted(contents) for text in contents[at]]


@pytest.mark.parametrize("name", proving("llm", "turn", MODELS))
def test_what_the_caller_says_is_answered_with_a_tool_and_in_speech(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    def balance(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"tool_call_id": call["id"], "result": "success", "data": {"euro": 12}}

    with servers[name]() as server, ToolServer(balance) as tools, Peer() as peer:
        server.answers = [Call("balance", {"account": "1"}), ANSWER]
        start(runner, peer, name, server, [TOOL], tools_url=tools.url)
        talk(peer, sentence("balance"), silence_secs=0.8)
        peer.wait_until(lambda: words_heard(peer.heard, ANSWER) == len(ANSWER.split()), "the whole answer")
        peer.wait_until(lambda: " ".join(told(peer, "assistant")) == ANSWER, "what was heard to be told")
        runner.stop(name)
        server.wait_until_left()

    assert server.keys == [KEY]
    assert server.heard_ms > 1000
    assert [call["function"] for call in tools.requests] == [{"name": "balance", "arguments": '{"account": "1"}'}]
    assert told(peer, "user") == ["What is my balance?"]
    assert "Be brief." in str(server.sent[0] if name == "gemini_live" else server.sent)
    assert "twelve" not in str(server.sent)
    assert "euro" in str(
        [event for event in server.sent if kind(event) in ("conversation.item.create", "toolResponse")]
    )
    assert errors(peer) == []


@pytest.mark.parametrize("name", MODELS)
def test_an_interrupted_answer_is_remembered_as_far_as_it_was_heard(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    with servers[name]() as server, Peer() as peer:
        server.answers = [ANSWER, "Good bye."]
        start(runner, peer, name, server)
        talk(peer, sentence("balance"), silence_secs=0.8)
        peer.wait_until(lambda: words_heard(peer.heard, ANSWER) >= 5, "some of the answer")
        before = len(peer.heard)
        talk(peer, sentence("stop"), silence_secs=0.8)
        peer.wait_until(lambda: told(peer, "assistant")[-1:] == ["Good bye."], "the next answer")
        runner.stop(name)

    heard = words_heard(peer.heard[: peer.flushes[-1].heard_frames], ANSWER)
    said = told(peer, "assistant")[0]
    assert 5 <= heard < len(ANSWER.split())
    assert ANSWER.startswith(said)
    assert abs(len(said.split()) - heard) <= 1
    assert words_heard(peer.heard[before:], "Good bye.") == 2


@pytest.mark.parametrize("name", MODELS)
def test_the_greeting_is_said_by_the_model_word_for_word(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    with servers[name]() as server, Peer() as peer:
        start(runner, peer, name, server, greeting="Welcome to the bank.")
        peer.wait_until(lambda: told(peer, "assistant") == ["Welcome to the bank."], "the greeting")
        runner.stop(name)

    assert words_heard(peer.heard, "Welcome to the bank.") == 4


@pytest.mark.parametrize("name", MODELS)
def test_what_is_written_is_answered_in_speech(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    with servers[name]() as server, Peer() as peer:
        start(runner, peer, name, server)
        peer.say("Four seven one one")
        peer.wait_until(lambda: told(peer, "assistant") == ["I am listening."], "the answer")
        runner.stop(name)

    assert "Four seven one one" in str(server.sent)


@pytest.mark.parametrize("name", proving("llm", "bad key", MODELS))
def test_a_wrong_key_ends_the_call_with_its_reason(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    with servers[name]() as server, Peer() as peer:
        server.fails = "bad key"
        runner.run(peer, name, agent=agent(name, server))
        assert peer.wait_closed().code in (1000, 1011)
        runner.wait_idle()

    assert [(e["kind"], e["provider"]) for e in errors(peer)][:1] == [("authentication", name)]
    assert server.keys == [KEY], "a key that was refused is not tried again"
    assert KEY not in str(peer.messages)


@pytest.mark.parametrize("name", proving("llm", "bad key", MODELS))
def test_another_model_takes_over_when_the_key_is_wrong(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    other = next(model for model in MODELS if model != name)
    with servers[name]() as server, servers[other]() as spare, Peer() as peer:
        server.fails = "bad key"
        fallback = agent(other, spare)["llm"]
        # The turn is taken as by default: a model listens for the end of the sentence.
        start(runner, peer, name, server, llm={"fallback": [fallback]}, turn={})
        peer.wait_until(lambda: any(e["action"] == "switched" for e in errors(peer)), "the fallback")
        talk(peer, sentence("balance"), silence_secs=0.8)
        peer.wait_until(lambda: told(peer, "assistant") == ["I am listening."], "the answer")
        runner.stop(name)

    assert errors(peer)[0]["to"] == other


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        pytest.param(name, scenario, id=f"{name}-{scenario}", marks=pytest.mark.proves("llm", name, scenario))
        for name in MODELS
        for scenario in ("limit", "stall", "drop", "garbage")
    ],
)
def test_a_failure_is_told_and_the_caller_is_asked_again(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str, scenario: str
) -> None:
    with servers[name]() as server, Peer() as peer:
        server.fails, server.failures = scenario, 1
        patience = {"stall_secs": 0.8} if scenario == "stall" else {}
        start(runner, peer, name, server, failure={"sentence": "Again please."}, llm=patience)
        if scenario == "limit":
            peer.wait_until(lambda: errors(peer), "the failure")
        talk(peer, sentence("balance"), silence_secs=0.8)
        expected = "I am listening." if scenario == "limit" else "Again please."
        # Behind the words of the answer that broke off, it may be the same message.
        peer.wait_until(lambda: expected in " ".join(told(peer, "assistant")), "a sentence")
        runner.stop(name)

    kinds = {"limit": "rate_limit", "stall": "stall", "drop": "connectivity", "garbage": "malformed"}
    assert errors(peer)[0]["kind"] == kinds[scenario]
    assert len(errors(peer)) == 1


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_says_nothing_after_a_tool_is_asked_anew(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    with servers[name]() as server, Peer() as peer:

        def balance(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            server.fails, server.failures = "stall", 1
            return 200, {"tool_call_id": call["id"], "result": "success", "data": {}}

        with ToolServer(balance) as tools:
            server.answers = [Call("balance", {"account": "1"})]
            more: dict[str, Any] = {"failure": {"sentence": "Again please."}, "llm": {"stall_secs": 0.8}}
            start(runner, peer, name, server, [TOOL], tools_url=tools.url, **more)
            talk(peer, sentence("balance"), silence_secs=0.8)
            peer.wait_until(lambda: "Again please." in told(peer, "assistant"), "a sentence")
            runner.stop(name)

    assert [e["kind"] for e in errors(peer)] == ["stall"]


@pytest.mark.parametrize("name", MODELS)
def test_history_and_pressed_keys_reach_the_model(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    history = [{"role": "user", "content": "I am Ada."}, {"role": "assistant", "content": "Hello Ada."}]
    with servers[name]() as server, Peer() as peer:
        answer = runner.run(peer, name, agent=agent(name, server), llm_messages=history)
        assert answer.status_code == 200, answer.text
        peer.client_ready()
        server.wait_until(lambda: "I am Ada." in str(server.sent), "the history, before anybody spoke")
        peer.send_message("dtmf", {"buttons": ["4", "2", "#"]})
        peer.wait_until(lambda: "I am listening." in told(peer, "assistant"), "the answer")
        runner.stop(name)

    assert "DTMF: 42" in str(server.sent)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"stt": {"type": "whisper"}}, "agent.stt: leave it out"),
        ({"tts": {"type": "piper"}}, "agent.tts: leave it out"),
        ({"turn": {"barge_in": "words"}}, "write barge_in: voice or off"),
        ({"turn": {"stop": "provider"}}, "with a speech-to-speech model write smart"),
        ({"llm": {"fallback": [{"type": "ollama", "model": "m"}]}}, "agent.llm.fallback[0].type"),
        ({"llm": {"model": "gpt-4.1", "base_url": None}}, "model: gpt-realtime-2.1"),
        ({"llm": {"temperature": 0.5}}, "agent.llm.temperature: leave it out"),
    ],
)
def test_what_does_not_go_with_a_model_that_listens_is_refused(
    runner: Runner, more: dict[str, Any], message: str
) -> None:
    with OpenAiRealtimeServer() as server, Peer() as peer:
        answer = runner.run(peer, agent=agent("openai_realtime", server, **more))

    assert answer.status_code == 400
    assert message in answer.json()["detail"]
    assert server.keys == []


@pytest.mark.parametrize("name", MODELS)
def test_voice_and_parameters_are_in_what_the_session_begins_with(
    runner: Runner, servers: dict[str, Callable[[], TalkingServer]], name: str
) -> None:
    more: dict[str, Any] = {"max_tokens": 50, "voice": "Aoede"}
    if name == "gemini_live":
        more |= {"temperature": 0.5, "top_p": 0.9, "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": 7}
    with servers[name]() as server, Peer() as peer:
        start(runner, peer, name, server, llm=more)
        server.wait_until(lambda: server.sent, "the set-up")
        runner.stop(name)

    if name == "gemini_live":
        made = server.sent[0]["setup"]["generationConfig"]
        assert made["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"] == "Aoede"
        penalties = (made["frequencyPenalty"], made["presencePenalty"])
        assert (made["maxOutputTokens"], made["temperature"], made["topP"], made["seed"]) == (50, 0.5, 0.9, 7)
        assert penalties == (0.1, 0.2)
    else:
        session = server.sent[0]["session"]
        assert (session["max_output_tokens"], session["audio"]["output"]["voice"]) == (50, "Aoede")
