"""What calls of a platform have that its requests have no words for: who stands in for a provider, what is said when.

An operator writes it into a JSON file, ``RUNNER_PLATFORM_AGENT``, with the keys of an agent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipecat_runner._agent import (
    FailureConfig,
    IdleConfig,
    LlmConfig,
    ProviderConfig,
    SttConfig,
    TtsConfig,
    TurnConfig,
    WaitingConfig,
)

C = TypeVar("C", bound=ProviderConfig)


class _Strict(BaseModel):
    """A key that means nothing is a mistake: nobody but an operator writes this file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Llm(_Strict):
    stall_secs: float | None = Field(default=None, gt=0, le=120)
    fallback: list[LlmConfig] = Field(default_factory=list)


class _Stt(_Strict):
    stall_secs: float | None = Field(default=None, gt=0, le=60)
    fallback: list[SttConfig] = Field(default_factory=list)


class _Tts(_Strict):
    stall_secs: float | None = Field(default=None, gt=0, le=60)
    fallback: list[TtsConfig] = Field(default_factory=list)


class PlatformAgent(_Strict):
    """The file.

    Attributes:
        llm: Stands behind whatever model a request names; likewise ``stt`` and ``tts``.
        turn: All of it but ``stop``, which is the request's.
        idle: What a silent caller is told.
        failure: What is said when a provider fails.
        waiting: What is said while a tool takes its time.
    """

    llm: _Llm = _Llm()
    stt: _Stt = _Stt()
    tts: _Tts = _Tts()
    turn: TurnConfig = TurnConfig()
    idle: IdleConfig = IdleConfig()
    failure: FailureConfig = FailureConfig()
    waiting: WaitingConfig = WaitingConfig()

    @classmethod
    def load(cls, file: str | None) -> PlatformAgent:
        """Read a file; without one everything is as it is by default.

        Raises:
            ValueError: It cannot be read, or something in it cannot be used; the message holds none of its values.
        """
        if not file:
            return cls()
        try:
            return cls.model_validate(json.loads(Path(file).read_text("utf-8")))
        except OSError as e:
            raise ValueError(f"{file} cannot be read ({type(e).__name__})") from e
        except json.JSONDecodeError as e:
            raise ValueError(f"{file} is not JSON: line {e.lineno}, column {e.colno}") from e
        except ValidationError as e:
            found = e.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"{file}: {'.'.join(str(part) for part in found['loc'])}: {found['msg']}") from e

    def behind(self, part: _Llm | _Stt | _Tts, config: C) -> C:
        """A provider that a request names, with those who stand in for it."""
        given: dict[str, Any] = {"fallback": part.fallback}
        if part.stall_secs is not None:
            given["stall_secs"] = part.stall_secs
        return config.model_copy(update=given)
