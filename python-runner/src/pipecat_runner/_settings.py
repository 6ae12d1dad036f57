"""What an operator sets, from the environment and the command line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from pipecat_runner._platform_agent import PlatformAgent

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"{value!r} is no size; write for instance 1500M or 2G")
    return int(float(found[1]) * (1 << _UNITS[found[2].upper()]))


def _share(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SHARE.fullmatch(value.strip())
    return float(found[1]) / 100 if found is not None else value


def _usable(file: str | None) -> str | None:
    PlatformAgent.load(file)
    return file


Size = Annotated[int, BeforeValidator(_bytes)]
Share = Annotated[float, BeforeValidator(_share), Field(gt=0, le=1)]


class Settings(BaseModel):
    """Settings of the runner.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        token: Bearer token every request but ``/health`` must carry; required beyond loopback.
        workers: Processes that carry calls; one per core by default.
        max_sessions: Calls at once on the machine; one more is answered 503.
        max_sessions_per_worker: Calls at once in one worker.
        max_loop_lag_secs: A worker whose event loop is later than this (95th percentile) takes no new calls.
        max_cpu: Share of the machine's CPU, 0 to 1, that calls may take before no new ones are taken.
        max_memory: Share of the machine's memory in use from which on no new calls are taken.
        max_worker_memory_bytes: A worker that holds more is replaced when its calls have ended.
        retire_timeout_secs: How long the calls of such a worker may go on.
        stall_timeout_secs: A worker that says nothing for this long is killed and replaced.
        setup_timeout_secs: From ``/run`` to a started pipeline.
        drain_timeout_secs: How long calls may go on when the runner is told to stop.
        shutdown_timeout_secs: How long calls may take to end after that.
        child: Started by a daemon: tell the port on stdout, end with stdin.
        warm_up: Load and try the local speech models, if installed, before saying that the runner is ready.
        platform_agent: File with what a platform's calls have that their requests cannot say.
        log_level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: SecretStr | None = None
    workers: int | None = Field(default=None, ge=1, le=256)
    max_sessions: int = Field(default=100, ge=1)
    max_sessions_per_worker: int = Field(default=50, ge=1)
    max_loop_lag_secs: float = Field(default=0.1, gt=0)
    max_cpu: Share = 0.9
    max_memory: Share = 0.9
    max_worker_memory_bytes: Size = Field(default=2 << 30, gt=0)
    retire_timeout_secs: float = Field(default=900.0, gt=0)
    stall_timeout_secs: float = Field(default=5.0, ge=1)
    setup_timeout_secs: float = Field(default=10.0, gt=0)
    drain_timeout_secs: float = Field(default=30.0, ge=0)
    shutdown_timeout_secs: float = Field(default=10.0, gt=0)
    child: bool = False
    warm_up: bool = True
    platform_agent: Annotated[str | None, AfterValidator(_usable)] = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _token_beyond_loopback(self) -> Settings:
        if self.token is None and not _is_loopback(self.host):
            raise ValueError(f"listening on {self.host} needs RUNNER_TOKEN; without a token only loopback is allowed")
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **overrides: object) -> Settings:
        """Settings from ``RUNNER_*`` variables, each overridden by an argument that is not None.

        Raises:
            pydantic.ValidationError: A value is out of its limits.
        """
        values: dict[str, object] = {
            name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls.model_validate(values)

    def for_worker(self, workers: int) -> dict[str, Any]:
        """Those a worker is given: it listens nowhere, and its places are its own.

        Args:
            workers: Of how many it is one.
        """
        values = self.model_dump(exclude={"host", "port", "token", "child"})
        return {**values, "workers": workers, "max_sessions": self.max_sessions_per_worker}


VARIABLES: Mapping[str, str] = {
    "token": "RUNNER_TOKEN",
    "workers": "RUNNER_WORKERS",
    "max_sessions": "RUNNER_MAX_SESSIONS",
    "max_sessions_per_worker": "RUNNER_MAX_SESSIONS_PER_WORKER",
    "max_loop_lag_secs": "RUNNER_MAX_LOOP_LAG",
    "max_cpu": "RUNNER_MAX_CPU",
    "max_memory": "RUNNER_MAX_MEMORY",
    "max_worker_memory_bytes": "RUNNER_MAX_WORKER_MEMORY",
    "retire_timeout_secs": "RUNNER_RETIRE_TIMEOUT",
    "stall_timeout_secs": "RUNNER_STALL_TIMEOUT",
    "setup_timeout_secs": "RUNNER_SETUP_TIMEOUT",
    "drain_timeout_secs": "RUNNER_DRAIN_TIMEOUT",
    "platform_agent": "RUNNER_PLATFORM_AGENT",
    "log_level": "RUNNER_LOG_LEVEL",
}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
