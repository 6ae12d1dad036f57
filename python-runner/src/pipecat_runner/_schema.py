"""The body of ``POST /run``. Unknown keys are ignored: a newer daemon may send more.

Some keys are accepted and mean nothing to the runner. ``agent.limits`` is the daemon's to keep: it ends calls that are
idle or too long. ``traceparent`` is for a runner that writes traces; this one's log lines carry the id of the call.
``audio.report_ms`` tells how often playout reports come; the runner acts on each report when it is there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


# agents.yaml leaves out what it does not need, and what the environment does not hold arrives as "".
Secret = Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)]
Text = Annotated[str | None, BeforeValidator(lambda value: value or None)]


class LinkConfig(_Model):
    """Where the daemon waits for this call."""

    ws_url: str
    tools_url: Text = None
    member_switched_url: Text = None
    token: SecretStr


class AudioConfig(_Model):
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


class LlmConfig(_Model):
    """The language model. ``instruction`` is the agent's prompt; the assistant puts it there."""

    type: str
    instruction: Text = None
    model: Text = None
    base_url: Text = None
    api_key: Secret = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)


class SttConfig(_Model):
    """Speech recognition."""

    type: str
    model: Text = None
    language: Text = None
    api_key: Secret = None


class TtsConfig(_Model):
    """Speech synthesis."""

    type: str
    voice: Text = None
    language: Text = None
    api_key: Secret = None


class VadConfig(_Model):
    """Voice activity detection; what is left out is pipecat's default."""

    confidence: float | None = Field(default=None, ge=0, le=1)
    start_secs: float | None = Field(default=None, ge=0, le=30)
    stop_secs: float | None = Field(default=None, ge=0, le=30)
    min_volume: float | None = Field(default=None, ge=0, le=1)


class TurnConfig(_Model):
    """When the caller's turn is over."""

    stop: Literal["smart", "silence"] = "smart"
    silence_secs: float = Field(default=0.6, gt=0, le=10)
    stop_timeout_secs: float = Field(default=5.0, gt=0, le=60)


class ToneConfig(_Model):
    """The tone of the bot ``tone``."""

    hz: float = Field(default=440.0, gt=0, lt=8000)
    level_dbfs: float = Field(default=-12.0, ge=-90, le=0)


class ToolConfig(_Model):
    """A function the language model may call."""

    name: str = Field(min_length=1)
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    run_llm: bool = True
    timeout_secs: float | None = Field(default=None, gt=0, le=600)
    builtin: Literal["hang_up"] | None = None


class AgentConfig(_Model):
    """An agent as ``agents.yaml`` describes it.

    Attributes:
        speaks_first: Whether the model is asked at once, before the caller says anything.
    """

    bot: str = "assistant"
    prompt: Text = None
    greeting: Text = None
    speaks_first: bool = False
    llm: LlmConfig | None = None
    stt: SttConfig | None = None
    tts: TtsConfig | None = None
    vad: VadConfig = VadConfig()
    turn: TurnConfig = TurnConfig()
    tone: ToneConfig = ToneConfig()


class Message(_Model):
    """A message of an earlier conversation, as the model's provider would keep it."""

    role: str
    content: Annotated[str, BeforeValidator(lambda value: value or "")] = ""
    tool_calls: Annotated[list[dict[str, Any]], BeforeValidator(lambda value: value or [])] = []
    tool_call_id: Text = None


class RunRequest(_Model):
    """What a daemon asks for: ``agent`` of its own configuration, or a platform's flat keys from ``llm_type`` on."""

    id: str = Field(min_length=1, max_length=200)
    link: LinkConfig
    audio: AudioConfig = AudioConfig()
    agent: AgentConfig = AgentConfig()
    llm_messages: list[Message] = Field(default_factory=list)
    tools: list[ToolConfig] = Field(default_factory=list)
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
