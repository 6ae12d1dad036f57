"""What an operator says for all calls of a platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipecat_runner import Settings
from pipecat_runner._platform import agent_of
from pipecat_runner._platform_agent import PlatformAgent
from pipecat_runner._schema import RunRequest
from tests.support.runner import run_body


def written(folder: Path, content: Any) -> str:
    file = folder / "platform.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def request(**keys: Any) -> RunRequest:
    return RunRequest.model_validate(
        run_body("ws://127.0.0.1:9/x", llm_type="openai.m", llm_key="k", stt_type="deepgram", tts_type="piper", **keys)
    )


def test_a_request_says_who_and_the_file_who_stands_in_and_what_is_said(tmp_path: Path) -> None:
    platform = PlatformAgent.load(
        written(
            tmp_path,
            {
                "llm": {"fallback": [{"type": "anthropic"}], "stall_secs": 4},
                "stt": {"fallback": [{"type": "whisper"}]},
                "turn": {"barge_in": "words", "stop": "silence"},
                "failure": {"sentence": "Pardon?"},
                "waiting": {"after_secs": 0},
            },
        )
    )

    agent = agent_of(request(smart_turn_enabled=True, tts_voice_id="v"), platform)

    assert agent.llm is not None
    assert agent.stt is not None
    assert agent.tts is not None
    assert (agent.llm.type, agent.llm.stall_secs, [f.type for f in agent.llm.fallback]) == ("openai", 4, ["anthropic"])
    assert (agent.stt.type, agent.stt.stall_secs, [f.type for f in agent.stt.fallback]) == ("deepgram", 6, ["whisper"])
    assert (agent.tts.voice, agent.tts.fallback) == ("v", [])
    assert (agent.turn.stop, agent.turn.barge_in) == ("smart", "words")
    assert (agent.failure.sentence, agent.waiting.after_secs) == ("Pardon?", 0)


def test_the_members_of_a_team_have_it_too(tmp_path: Path) -> None:
    platform = PlatformAgent.load(written(tmp_path, {"tts": {"fallback": [{"type": "piper"}]}}))
    member = {"id": "a", "ai": {"engine_model": "openai.m", "tts_type": "cartesia"}}

    team = agent_of(request(resolved_team={"members": [member]}), platform).team

    assert team is not None
    assert team.members[0].agent.tts is not None
    assert [voice.type for voice in team.members[0].agent.tts.fallback] == ["piper"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"llm": {"type": "openai"}}, "llm.type: Extra inputs are not permitted"),
        ({"stt": {"stall_secs": 0}}, "stt.stall_secs: Input should be greater than 0"),
        ("{", "is not JSON: line 1"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_keeps_the_runner_from_starting(
    tmp_path: Path, content: Any, complaint: str
) -> None:
    file = written(tmp_path, content) if content is not None else str(tmp_path / "nowhere.json")

    with pytest.raises(ValidationError, match=complaint):
        Settings.from_environment({"RUNNER_PLATFORM_AGENT": file})
