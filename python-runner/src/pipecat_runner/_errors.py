"""What can go wrong between a request and a running call, and the HTTP status each means."""

from __future__ import annotations


class RunnerError(Exception):
    """Base of the errors that an HTTP answer reports. The message is shown to the daemon; it holds no secrets."""

    status = 500


class BadConfiguration(RunnerError):
    """The agent cannot run as described: an unknown name, a missing key, a missing optional package."""

    status = 400


class UnknownSession(RunnerError):
    """No call with this id runs here."""

    status = 404


class DuplicateSession(RunnerError):
    """A call with this id already runs here."""

    status = 409


class StoppedInSetup(RunnerError):
    """It was told to stop before it had started."""

    status = 409


class LinkRefused(RunnerError):
    """The daemon's WebSocket cannot be reached or refuses us."""

    status = 502


class RunnerFull(RunnerError):
    """All places are taken, or the runner is shutting down."""

    status = 503


class SetupTimeout(RunnerError):
    """The pipeline did not start in time."""

    status = 504


class MalformedAnswer(ValueError):
    """A provider's message is not what its protocol promises; the call goes on. The text never holds the message."""


class NoAnswer(Exception):
    """A provider took a request and then said nothing, or no more; the call goes on."""
