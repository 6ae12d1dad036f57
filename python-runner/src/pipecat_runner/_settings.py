"""What an operator sets, from the environment and the command line."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Settings(BaseModel):
    """Settings of the process.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        token: Bearer token every request but ``/health`` must carry; required beyond loopback.
        max_sessions: Calls at once; one more is answered 503.
        setup_timeout_secs: From ``/run`` to a started pipeline.
        shutdown_timeout_secs: How long calls may take to end when the process is told to stop.
        child: Started by a daemon: tell the port on stdout, end with stdin.
        warm_up: Load and try the local speech models, if installed, before saying that the process is ready.
        log_level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: SecretStr | None = None
    max_sessions: int = Field(default=100, ge=1)
    setup_timeout_secs: float = Field(default=10.0, gt=0)
    shutdown_timeout_secs: float = Field(default=10.0, gt=0)
    child: bool = False
    warm_up: bool = True
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
            name: environment[variable]
            for name, variable in {
                "token": "RUNNER_TOKEN",
                "max_sessions": "RUNNER_MAX_SESSIONS",
                "setup_timeout_secs": "RUNNER_SETUP_TIMEOUT",
                "log_level": "RUNNER_LOG_LEVEL",
            }.items()
            if environment.get(variable)
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls.model_validate(values)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
