"""docs/agents.md says the defaults that are the runner's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipecat_runner import _agent

PAGE = Path(__file__).resolve().parents[2] / "docs/agents.md"
MODELS: dict[str, type[BaseModel]] = {
    "": _agent.AgentConfig,
    "llm.": _agent.LlmConfig,
    "stt.": _agent.SttConfig,
    "tts.": _agent.TtsConfig,
    "turn.": _agent.TurnConfig,
    "idle.": _agent.IdleConfig,
    "dtmf.": _agent.DtmfConfig,
    "failure.": _agent.FailureConfig,
    "waiting.": _agent.WaitingConfig,
    "tone.": _agent.ToneConfig,
    "tools[].": _agent.ToolConfig,
}


def documented() -> dict[str, str]:
    """The default of each key, as the page has it."""
    defaults: dict[str, str] = {}
    prefix = ""
    for line in PAGE.read_text().splitlines():
        if marker := re.fullmatch(r"<!-- keys of (\S*) ?-->", line):
            prefix = marker[1]
        elif row := re.match(r"\| `([^`]+)` \| [^|]* \| ([^|]*) \|", line):
            defaults[prefix + row[1]] = row[2]
    return defaults


def written(value: Any) -> str:
    """A default as the page writes it."""
    if isinstance(value, list):
        return (", " if len(value) > 2 else " · ").join(value)
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def test_the_page_has_the_runners_defaults() -> None:
    page = documented()
    checked = 0
    for prefix, model in MODELS.items():
        for name, field in model.model_fields.items():
            value = field.get_default(call_default_factory=True)
            said = prefix + name in page and prefix + name != "bot"  # which the file has to name
            if said and isinstance(value, bool | int | float | str | list) and value not in ("", []):
                assert page[prefix + name].strip("`") == written(value), prefix + name
                checked += 1
    assert checked > 20


def test_the_page_has_pipecats_defaults_of_voice_detection() -> None:
    from pipecat.audio.vad.vad_analyzer import VADParams

    page = documented()
    for name, value in VADParams().model_dump().items():
        assert page[f"vad.{name}"] == written(value)
