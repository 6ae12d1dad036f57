"""The body of ``POST /run``. Unknown keys are ignored: a newer daemon may send more.

What an agent is made of stands in ``_agent``; here is what surrounds it. ``agent.limits`` is the daemon's to keep: it
ends calls that are idle or too long. ``audio.report_ms`` tells how often playout reports come; the runner acts on each
report when it is there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from pipecat_runner._agent import AgentConfig, Model, Secret, Text, ToolConfig, VadConfig


class LinkConfig(Model):
    """Where the daemon waits for this call."""

    ws_url: str
    tools_url: Text = None
    member_switched_url: Text = None
    token: SecretStr


class AudioConfig(Model):
    """Audio on the link.

    Attributes:
        in_rate: Of the caller's audio, in Hz.
        chunk_ms: Length of one message of the bot's audio.
        window_ms: How far the bot may run ahead before the daemon's first report.
        report_ms: The daemon's reporting period; checked, and not used.
    """

    in_rate: Literal[8000, 16000] = 16000
    chunk_ms: Literal[20, 40] = 20
    window_ms: int = Field(default=400, ge=40, le=5000)
    report_ms: int = Field(default=40, ge=20, le=1000)


def _text(content: object) -> str:
    """The text of a message's content, which may be a list of parts; what is no text is none."""
    if isinstance(content, list):
        return "\n".join(_text(part.get("text") if isinstance(part, dict) else part) for part in content).strip()
    return str(content) if isinstance(content, str | int | float) else ""


def _objects(items: object) -> list[object]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


class Message(Model):
    """A message of an earlier conversation, as the model's provider would keep it.

    Its form is not judged: a call is not refused for what is in its history.
    """

    role: Annotated[str, BeforeValidator(_text)] = ""
    content: Annotated[str, BeforeValidator(_text)] = ""
    tool_calls: Annotated[list[dict[str, Any]], BeforeValidator(_objects)] = Field(default_factory=list)
    tool_call_id: Annotated[str, BeforeValidator(_text)] = ""


class ResumeConfig(Model):
    """This pipeline takes the place of one that was lost while its caller waited.

    Attributes:
        attempt: 1 for the first replacement, and so on.
        messages: The conversation so far, as the lost pipeline last told it; instead of ``llm_messages``.
        member: The member of the team that had the call; empty without a team.
    """

    attempt: int = Field(default=1, ge=1)
    messages: list[Message] = Field(default_factory=list)
    member: Text = None


class RunRequest(Model):
    """What a daemon asks for: ``agent`` of its own configuration, or a platform's flat keys from ``llm_type`` on."""

    id: str = Field(min_length=1, max_length=200)
    link: LinkConfig
    audio: AudioConfig = AudioConfig()
    agent: AgentConfig = AgentConfig()
    llm_messages: list[Message] = Field(default_factory=list)
    tools: list[ToolConfig] = Field(default_factory=list)
    resume: ResumeConfig | None = None
    traceparent: Text = None
    llm_type: Text = None
    llm_key: Secret = None
    llm_parameter: dict[str, Any] = Field(default_factory=dict)
    stt_type: Text = None
    stt_language: Text = None
    tts_type: Text = None
    tts_language: Text = None
    tts_voice_id: Text = None
    vad_config: VadConfig = VadConfig()
    smart_turn_enabled: bool = False
    resolved_team: dict[str, Any] | None = None
