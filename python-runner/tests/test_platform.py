"""A platform's start request: flat keys, keys of the environment, a history with tools, and a bot that speaks first."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from pipecat_runner._errors import BadConfiguration
from pipecat_runner._platform import agent_of
from pipecat_runner._providers.llm import PROVIDERS
from pipecat_runner._providers.table import prepare
from pipecat_runner._schema import RunRequest
from tests.support.peer import Peer
from tests.support.runner import Runner, run_body
from tests.support.services import LlmServer, Say


def request(**keys: Any) -> RunRequest:
    return RunRequest.model_validate(run_body("ws://127.0.0.1:9/x", **keys))


@pytest.mark.parametrize(
    ("llm_type", "vendor", "model"),
    [
        ("openai.gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("OpenAI:gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("openai_compatible:a.b:c", "openai_compatible", "a.b:c"),
    ],
)
def test_the_first_separator_parts_vendor_and_model(llm_type: str, vendor: str, model: str) -> None:
    llm = agent_of(request(llm_type=llm_type, llm_key="k")).llm
    assert llm is not None
    assert (llm.type, llm.model) == (vendor, model)


@pytest.mark.parametrize("llm_type", [None, "", "openai", ".gpt", "openai."])
def test_a_model_that_cannot_be_named_is_refused_with_an_example(llm_type: str | None) -> None:
    with pytest.raises(BadConfiguration, match=r"openai\.gpt-4o"):
        agent_of(request(llm_type=llm_type))


def test_the_requests_key_goes_before_the_environments() -> None:
    environment = {"OPENAI_API_KEY": "environment"}
    for given, used in (("request", "request"), ("", "environment")):
        llm = agent_of(request(llm_type="openai.m", llm_key=given)).llm
        assert llm is not None
        _, complete = prepare(PROVIDERS, "llm", llm.model_copy(update={"model": "gpt-4.1"}), environment)
        assert complete.api_key is not None
        assert complete.api_key.get_secret_value() == used


def test_every_flat_key_has_its_place() -> None:
    agent = agent_of(
        request(
            llm_type="openai.m",
            llm_key="k",
            llm_parameter={"temperature": 0.5, "max_tokens": 9, "top_p": 0.8, "seed": 4, "unknown": 1},
            stt_type="Whisper",
            stt_language="en-US",
            tts_type="piper",
            tts_language="en",
            tts_voice_id="joe",
            vad_config={"stop_secs": 0.7},
            smart_turn_enabled=True,
        ),
    )
    assert agent.llm is not None
    assert (agent.llm.temperature, agent.llm.max_tokens, agent.llm.top_p, agent.llm.seed) == (0.5, 9, 0.8, 4)
    assert agent.stt is not None
    assert (agent.stt.type, agent.stt.language) == ("whisper", "en-US")
    assert agent.tts is not None
    assert (agent.tts.type, agent.tts.language, agent.tts.voice) == ("piper", "en", "joe")
    assert agent.vad.stop_secs == 0.7
    assert agent.turn.stop == "smart"
    assert agent.speaks_first


def test_a_parameter_the_vendor_cannot_take_is_left_out_of_a_platforms_request() -> None:
    llm = agent_of(request(llm_type="claude:claude-sonnet-4-6", llm_parameter={"seed": 4, "top_p": 0.5})).llm
    assert llm is not None
    assert (llm.seed, llm.top_p) == (None, 0.5)


def test_an_impossible_parameter_is_named() -> None:
    with pytest.raises(BadConfiguration, match=r"llm_parameter\.temperature: .*less than or equal to 2"):
        agent_of(request(llm_type="openai.gpt-4.1", llm_parameter={"temperature": 9}))


def test_neither_address_nor_key_can_be_slipped_in_as_a_parameter() -> None:
    llm = agent_of(request(llm_type="openai.m", llm_parameter={"base_url": "http://thief", "options": {"a": 1}})).llm
    assert llm is not None
    assert llm.base_url is None
    assert llm.options == {}


def test_without_ears_and_voice_it_is_a_conversation_in_text() -> None:
    agent = agent_of(request(llm_type="openai.m", llm_key="k"))
    assert agent.stt is None
    assert agent.tts is None
    assert agent.turn.stop == "silence"


TEAM: dict[str, Any] = {
    "id": "t",
    "start_member_id": "2",
    "members": [
        {
            "id": "1",
            "name": "Desk",
            "ai": {
                "engine_model": "openai.gpt-4.1",
                "engine_key": "sk-1",
                "init_prompt": "You are the desk.",
                "parameter": {"temperature": 0.2},
                "tts_type": "Piper",
                "tts_voice_id": "joe",
                "stt_type": "whisper",
                "vad_config": {"stop_secs": 0.9},
                "smart_turn_enabled": True,
            },
            "tools": [{"name": "balance", "parameters": {"type": "object"}}],
            "transitions": [{"function_name": "to_billing", "description": "Bills.", "next_member_id": "2"}],
        },
        {"id": "2", "name": None, "ai": {"engine_key": "", "parameter": None, "vad_config": None}, "transitions": None},
    ],
}


def test_a_resolved_team_becomes_a_team_whose_members_leave_out_what_the_call_has() -> None:
    voices = {"stt_type": "deepgram", "stt_language": "de", "tts_type": "cartesia", "tts_language": "de"}
    agent = agent_of(request(llm_type="openai.m", llm_key="k", resolved_team=TEAM, **voices))
    assert agent.llm is not None
    assert agent.llm.model == "m"
    assert agent.speaks_first
    assert agent.team is not None
    assert agent.team.start == "2"
    desk, billing = agent.team.members
    assert (desk.id, desk.name) == ("1", "Desk")
    assert desk.agent.llm is not None
    assert (desk.agent.llm.type, desk.agent.llm.model, desk.agent.llm.temperature) == ("openai", "gpt-4.1", 0.2)
    assert desk.agent.llm.api_key is not None
    assert desk.agent.llm.api_key.get_secret_value() == "sk-1"
    assert desk.agent.prompt == "You are the desk."
    assert desk.agent.stt is not None
    assert (desk.agent.stt.type, desk.agent.stt.language) == ("whisper", "de")
    assert desk.agent.tts is not None
    assert (desk.agent.tts.type, desk.agent.tts.voice, desk.agent.tts.language) == ("piper", "joe", "de")
    assert desk.agent.vad.stop_secs == 0.9
    assert desk.agent.turn.stop == "smart"
    assert [tool.name for tool in desk.tools] == ["balance"]
    assert [(t.function_name, t.to) for t in desk.transitions] == [("to_billing", "2")]
    assert (billing.agent.llm, billing.agent.stt, billing.agent.tts) == (None, None, None)
    assert billing.agent.turn.stop == "silence"


def test_a_team_in_text_neither_listens_nor_speaks() -> None:
    team = agent_of(request(resolved_team=TEAM)).team
    assert team is not None
    assert [(member.agent.stt, member.agent.tts) for member in team.members] == [(None, None)] * 2


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        ("members", [], "resolved_team.members: "),
        ("members.0.id", "", "resolved_team.members.0.id: "),
        ("members.0.ai.engine_model", "gpt", r"resolved_team.members\[0\].ai.engine_model: 'gpt' is not <vendor>"),
        ("members.0.ai.parameter", {"temperature": 9}, r"resolved_team.members\[0\].ai.parameter.temperature: "),
        ("members.0.transitions.0.next_member_id", None, "resolved_team.members.0.transitions.0.next_member_id: "),
    ],
)
def test_what_is_wrong_with_a_resolved_team_has_its_place(path: str, value: Any, wrong: str) -> None:
    team: Any = copy.deepcopy(TEAM)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = team
    for part in way:
        inner = inner[part]
    inner[last] = value
    with pytest.raises(BadConfiguration, match=wrong):
        agent_of(request(resolved_team=team))


@pytest.fixture
def llm(monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    with LlmServer(lambda message: Say(f"You said {message['content']}.")) as server:
        assert isinstance(server, LlmServer)
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        yield server


def said(peer: Peer) -> str:
    return "".join(data["text"] for data in peer.data("bot-llm-text"))


def test_the_bot_answers_the_history_at_once_and_messages_after_it(llm: LlmServer) -> None:
    with Runner() as runner, Peer() as peer:
        history = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
        runner.start(peer, llm_type="openai.m", llm_key="sk-test", llm_messages=history)
        peer.wait_until(lambda: "You said Hi." in said(peer), "the first answer")
        peer.say("Bye")
        peer.wait_until(lambda: "You said Bye." in said(peer), "the second answer")

    assert llm.authorizations[0] == "Bearer sk-test"
    assert [m["content"] for m in llm.requests[0]["messages"]] == ["Be brief.", "Hi"]
