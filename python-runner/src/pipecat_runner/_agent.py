"""An agent, as ``agents.yaml`` describes it and as a platform's request is understood.

Durations are numbers of seconds here; the daemon reads ``5s`` and sends ``5``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


class Model(BaseModel):
    """Frozen, and deaf to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# agents.yaml leaves out what it does not need, and what the environment does not hold arrives as "".
Secret = Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)]
Text = Annotated[str | None, BeforeValidator(lambda value: value or None)]


class ProviderConfig(Model):
    """What the sections ``llm``, ``stt`` and ``tts`` have in common.

    Attributes:
        type: The provider's name in the table of its kind.
        model: Which of its models; each provider has a default where it makes sense.
        language: BCP 47, such as ``en-US``.
        api_key: Its key; without one the provider's variable in the runner's environment is used.
        base_url: Another address than the provider's own: a proxy, a private endpoint, a compatible server.
        region: Where the provider wants one (azure, aws, google).
        options: Settings that only this provider knows, handed to its service by name.
    """

    type: str
    model: Text = None
    language: Text = None
    api_key: Secret = None
    base_url: Text = None
    region: Text = None
    options: dict[str, Any] = Field(default_factory=dict)


class LlmConfig(ProviderConfig):
    """The language model.

    Attributes:
        instruction: The agent's prompt; the assistant puts it there.
        stall_secs: Without a first token for this long the generation counts as failed.
        fallback: Who takes over when this one fails, in this order.
        voice: Of a speech-to-speech model.
    """

    instruction: Text = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    top_p: float | None = Field(default=None, gt=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = None
    stall_secs: float = Field(default=10.0, gt=0, le=120)
    voice: Text = None
    fallback: list[LlmConfig] = Field(default_factory=list)


class SttConfig(ProviderConfig):
    """Speech recognition.

    Attributes:
        stall_secs: The caller has fallen silent and no transcript has come for this long: the recogniser has failed.
        fallback: Who takes over when this one fails, in this order.
    """

    stall_secs: float = Field(default=6.0, gt=0, le=60)
    fallback: list[SttConfig] = Field(default_factory=list)


class TtsConfig(ProviderConfig):
    """Speech synthesis.

    Attributes:
        voice: The provider's id or name of a voice; each has a default per language.
        speed: 1 is the voice's own; not every provider takes it.
        stall_secs: Without the first sound of a sentence for this long its synthesis counts as failed.
        fallback: Who takes over when this one fails, in this order.
    """

    voice: Text = None
    speed: float | None = Field(default=None, ge=0.25, le=4)
    stall_secs: float = Field(default=5.0, gt=0, le=60)
    fallback: list[TtsConfig] = Field(default_factory=list)


class VadConfig(Model):
    """Voice activity detection; what is left out is pipecat's default."""

    confidence: float | None = Field(default=None, ge=0, le=1)
    start_secs: float | None = Field(default=None, ge=0, le=30)
    stop_secs: float | None = Field(default=None, ge=0, le=30)
    min_volume: float | None = Field(default=None, ge=0, le=1)


class TurnConfig(Model):
    """When the caller's turn begins and when it is over.

    Attributes:
        stop: ``smart`` has a model listen for the end of the sentence, ``silence`` waits for ``silence_secs`` of quiet,
            ``provider`` leaves it to a recogniser that knows turns (deepgram's flux).
        silence_secs: See ``stop``.
        stop_timeout_secs: A turn whose transcript does not come ends after this.
        barge_in: What interrupts the bot: ``voice`` at once, ``words`` after ``barge_in_words`` words, ``off`` nothing.
        barge_in_words: See ``barge_in``.
        resume_after_backchannel: Whether the bot pauses when the caller is heard, and goes on from there when it was
            only one of ``backchannels``.
        backchannels: What says "I am listening" and asks for nothing, in lower case.
    """

    stop: Literal["smart", "silence", "provider"] = "smart"
    silence_secs: float = Field(default=0.6, gt=0, le=10)
    stop_timeout_secs: float = Field(default=5.0, gt=0, le=60)
    barge_in: Literal["voice", "words", "off"] = "voice"
    barge_in_words: int = Field(default=3, ge=1, le=20)
    resume_after_backchannel: bool = False
    backchannels: list[str] = Field(
        default_factory=lambda: [
            "mhm",
            "mm-hmm",
            "uh-huh",
            "yeah",
            "yes",
            "ok",
            "okay",
            "right",
            "sure",
            "i see",
            "aha",
        ]
    )


class IdleConfig(Model):
    """What the bot does when the caller says nothing.

    Attributes:
        after_secs: Quiet after the bot's last word until a reminder; 0 never reminds.
        reminders: Said one after the other, each after ``after_secs`` more.
        goodbye: Said after the last reminder; then the call ends as ``idle``. Empty leaves the call open.
    """

    after_secs: float = Field(default=0.0, ge=0, le=600)
    reminders: list[str] = Field(default_factory=lambda: ["Are you still there?"])
    goodbye: Text = None


class DtmfConfig(Model):
    """How pressed keys become what the caller said.

    Attributes:
        enabled: Whether they do.
        timeout_secs: Without a further key for this long the digits are complete.
        terminator: The key that completes them at once.
        prefix: Put before the digits, for the model.
    """

    enabled: bool = True
    timeout_secs: float = Field(default=2.0, gt=0, le=30)
    terminator: Literal["#", "*", ""] = "#"
    prefix: str = "DTMF: "


class FailureConfig(Model):
    """What the caller hears when a provider fails and no other takes over.

    Attributes:
        sentence: Said when an answer fails.
        unheard: Said when what the caller said could not be recognised.
        resumed: Said when the call goes on after its pipeline was lost and it is the caller's turn; empty says nothing.
        goodbye: Said when ``give_up_after`` failures came in a row; then the call ends.
        give_up_after: See ``goodbye``; 0 never gives up.
        retries: How often an answer is asked for again from the same model before the next takes over.
    """

    sentence: str = "I am sorry, something went wrong. Could you say that again?"
    unheard: str = "I am sorry, I could not hear you. Could you say that again?"
    resumed: str = "I am sorry, I was away for a moment. Please go on."
    goodbye: str = "I am sorry, we have technical difficulties. Please call again later."
    give_up_after: int = Field(default=3, ge=0, le=20)
    retries: int = Field(default=1, ge=0, le=5)


class WaitingConfig(Model):
    """What is said while a tool takes its time.

    Attributes:
        after_secs: Quiet since a tool was called until the first sentence; 0 says nothing.
        every_secs: From one sentence to the next.
        sentences: One after the other, the last one again and again.
    """

    after_secs: float = Field(default=1.5, ge=0, le=60)
    every_secs: float = Field(default=8.0, gt=0, le=60)
    sentences: list[str] = Field(default_factory=lambda: ["One moment, please.", "Just a moment longer."])


class ToneConfig(Model):
    """The tone of the bot ``tone``."""

    hz: float = Field(default=440.0, gt=0, lt=8000)
    level_dbfs: float = Field(default=-12.0, ge=-90, le=0)


class ToolConfig(Model):
    """A function the language model may call.

    Attributes:
        parameters: JSON schema of the arguments.
        run_llm: Whether the model speaks again when the result is there.
        timeout_secs: How long the daemon may take.
        builtin: What the runner carries out itself: ``hang_up`` ends the call, ``send_dtmf`` plays the tones of keys.
        speech: Said when the tool is called and the model has said nothing itself.
        on_interruption: ``cancel`` gives the call up when the caller interrupts, ``keep`` lets it finish; its result
            is then told to the model when it is there.
        ends_call: ``hang_up`` ends the call after this tool has succeeded (a transfer), once all was heard.
    """

    name: str = Field(min_length=1)
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    run_llm: bool = True
    timeout_secs: float | None = Field(default=None, gt=0, le=600)
    builtin: Literal["hang_up", "send_dtmf"] | None = None
    speech: Text = None
    on_interruption: Literal["cancel", "keep"] = "keep"
    ends_call: Literal["hang_up", "transfer"] | None = None


class TransitionConfig(Model):
    """A way from one member of a team to another, offered to the model as a function without arguments."""

    function_name: str = Field(min_length=1)
    description: str = ""
    to: str = Field(min_length=1)


class MemberConfig(Model):
    """One member of a team. What its ``agent`` leaves out is the team's.

    Attributes:
        id: Unique in the team; what ``transitions`` and ``start`` name.
        name: For people and for the event of a handover.
        agent: Prompt, model, voice, ears, turn settings.
        tools: What this member may call.
        transitions: Where it may hand the call to.
    """

    id: str = Field(min_length=1)
    name: str = ""
    agent: AgentConfig
    tools: list[ToolConfig] = Field(default_factory=list)
    transitions: list[TransitionConfig] = Field(default_factory=list)


class TeamConfig(Model):
    """Several assistants for one call, of which one at a time has it."""

    start: str = Field(min_length=1)
    members: list[MemberConfig] = Field(min_length=1)


class AgentConfig(Model):
    """An agent.

    Attributes:
        speaks_first: Whether the model is asked at once, before the caller says anything.
        team: Who answers instead; ``llm``, ``stt`` and so on are then what the members leave out.
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
    idle: IdleConfig = IdleConfig()
    dtmf: DtmfConfig = DtmfConfig()
    failure: FailureConfig = FailureConfig()
    waiting: WaitingConfig = WaitingConfig()
    tone: ToneConfig = ToneConfig()
    team: TeamConfig | None = None


MemberConfig.model_rebuild()
TeamConfig.model_rebuild()
