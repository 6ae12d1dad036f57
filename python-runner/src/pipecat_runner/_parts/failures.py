"""What can be told of a provider's failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory, classify_http_exception, extract_http_status_code

from pipecat_runner._errors import MalformedAnswer, NoAnswer
from pipecat_runner._parts.watch import NotSeated

Part = Literal["llm", "stt", "tts", "tool"]
Action = Literal["retried", "switched", "apologised", "ended", "none"]

_AWS_CODES = {
    "UnrecognizedClientException": ErrorCategory.AUTHENTICATION,
    "InvalidSignatureException": ErrorCategory.AUTHENTICATION,
    "ExpiredTokenException": ErrorCategory.AUTHENTICATION,
    "AccessDeniedException": ErrorCategory.AUTHORIZATION,
    "ValidationException": ErrorCategory.INVALID_REQUEST,
    "ResourceNotFoundException": ErrorCategory.INVALID_REQUEST,
    "ThrottlingException": ErrorCategory.RATE_LIMIT,
    "ServiceQuotaExceededException": ErrorCategory.QUOTA,
    "InternalServerException": ErrorCategory.SERVER,
    "ModelStreamErrorException": ErrorCategory.SERVER,
    "ServiceUnavailableException": ErrorCategory.SERVER,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure.

    Attributes:
        part: Whose.
        provider: Its name in the table of its kind.
        kind: As docs/protocol/runner-link.md lists them.
        message: For people; made of class names, HTTP status and limits, never of what a library wrote.
        permanent: Whether asking again gives the same.
    """

    part: Part
    provider: str
    kind: str
    message: str
    permanent: bool = False


def reported(part: Part, provider: str, error: ErrorFrame) -> Failure:
    """What a service reported."""
    usable = error.processor is None or error.processor.is_usable
    return _of_exception(part, provider, error.exception, error.category, permanent=not usable)


def not_seated(part: Part, provider: str, why: NotSeated) -> Failure:
    """What kept a service from taking over."""
    if why.error is not None:
        return reported(part, provider, why.error)
    return _of_exception(part, provider, why.cause, None, permanent=False)


def stalled(part: Part, provider: str, what: str, secs: float) -> Failure:
    """Nothing came."""
    return Failure(part, provider, "stall", f"{what} within {secs:g} s")


def malformed(part: Part, provider: str, what: str) -> Failure:
    """What came is of no use."""
    return Failure(part, provider, "malformed", what)


def _of_exception(
    part: Part, provider: str, exception: Exception | None, category: ErrorCategory | None, *, permanent: bool
) -> Failure:
    if isinstance(exception, MalformedAnswer):
        return Failure(part, provider, "malformed", str(exception), permanent=permanent)
    if isinstance(exception, NoAnswer):
        return Failure(part, provider, "stall", str(exception), permanent=permanent)
    if category in (None, ErrorCategory.UNKNOWN) and exception is not None:
        category = _by_code(exception) or _by_name(exception) or classify_http_exception(exception)
    category = category or ErrorCategory.UNKNOWN
    if category is ErrorCategory.INVALID_REQUEST and _is_about_the_key(exception):
        category = ErrorCategory.AUTHENTICATION
    if category is ErrorCategory.UNKNOWN and _is_unreadable(exception):
        return Failure(part, provider, "malformed", type(exception).__name__, permanent=permanent)
    if category is ErrorCategory.CONNECTIVITY and _is_silence(exception):
        return Failure(part, provider, "stall", type(exception).__name__, permanent=permanent)
    status = extract_http_status_code(exception) if exception is not None else None
    words = [f"HTTP {status}"] if status is not None else []
    words += [type(exception).__name__] if exception is not None else []
    return Failure(
        part,
        provider,
        category.value if category is not ErrorCategory.APPLICATION else ErrorCategory.UNKNOWN.value,
        ", ".join(words) or "the service reported an error",
        permanent=permanent or category.is_permanent,
    )


def _by_name(exception: Exception) -> ErrorCategory | None:
    # Clients have connection and time-out errors of their own, which pipecat does not know.
    names = {kind.__name__ for kind in type(exception).__mro__}
    lost = ("Timeout", "Connect", "RemoteProtocol", "ReadError", "IncompleteRead", "ClientPayload", "NetworkError")
    return ErrorCategory.CONNECTIVITY if any(word in name for name in names for word in lost) else None


def _by_code(exception: Exception) -> ErrorCategory | None:
    # botocore has one class for all that AWS refuses.
    response = getattr(exception, "response", None)
    error = response.get("Error") if isinstance(response, dict) else None
    return _AWS_CODES.get(str(error.get("Code"))) if isinstance(error, dict) else None


def _is_about_the_key(exception: Exception | None) -> bool:
    # Google and xAI answer 400 when a key is wrong; only their words say so.
    return "api key" in f"{exception} {getattr(exception, 'body', '')}".lower()


def _is_unreadable(exception: Exception | None) -> bool:
    # What parsers raise: of JSON, and of AWS's binary framing.
    return isinstance(exception, ValueError) or "Checksum" in type(exception).__name__


def _is_silence(exception: Exception | None) -> bool:
    # A client's own limit for an answer; that for a connection is about reaching the provider at all.
    name = type(exception).__name__
    return "Timeout" in name and "Connect" not in name and "Pool" not in name
