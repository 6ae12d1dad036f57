"""What the errors and the words of a voice's provider say about a failure."""

from __future__ import annotations

import re

from pipecat.utils.errors import ErrorCategory, classify_http_status_code

from pipecat_runner._errors import MalformedAnswer, NoAnswer

_STATUS = re.compile(r"(?:^|status(?:_code)?\W{1,4}|HTTP\W{1,3}|error\W{1,3}|code\W{1,4})([45]\d\d)\b", re.IGNORECASE)
# What providers write when they give no number, the most telling first.
_WORDS = {
    ErrorCategory.QUOTA: "quota|credits|payment|LimitExceeded",
    ErrorCategory.RATE_LIMIT: "rate.?limit|too.?many|throttl|concurren|max_active",
    ErrorCategory.AUTHENTICATION: "api.?key|unauthenticated|authenticat|UnrecognizedClient|InvalidSignature"
    "|SignatureDoesNotMatch|InvalidClientToken|ExpiredToken",
    ErrorCategory.AUTHORIZATION: "forbidden|AccessDenied|permission",
    ErrorCategory.INVALID_REQUEST: "not.?found|ValidationException|InvalidSsml|invalid.?argument|unsupported",
    ErrorCategory.CONNECTIVITY: "connect|timed out|incomplete|prematurely|WebSocket operation|close frame",
    ErrorCategory.SERVER: "ServiceFailure|internal.?(server.)?error|unavailable",
}
_WORD_PATTERNS = {category: re.compile(words, re.IGNORECASE) for category, words in _WORDS.items()}
# How Python complains about an answer that lacks what was looked for in it.
_MALFORMED = re.compile(r"has no attribute|not subscriptable|Expecting value|codec can't decode")


def category_of(words: str) -> ErrorCategory:
    """What kind of failure a provider's own words are about."""
    status = _STATUS.search(words)
    if status is not None:
        return classify_http_status_code(int(status[1]))
    return next((c for c, pattern in _WORD_PATTERNS.items() if pattern.search(words)), ErrorCategory.UNKNOWN)


def is_about_form(words: str) -> bool:
    """Whether the words of an error are about an answer that could not be read."""
    return _MALFORMED.search(words) is not None


def as_fault(error: Exception) -> Exception:
    """An error as a fault of the provider's, where that is what it is: nothing else raises these in a service."""
    for cause in (error, error.__cause__):
        if isinstance(cause, MalformedAnswer | NoAnswer):
            return cause
    if isinstance(error, ValueError | KeyError | TypeError | AttributeError):
        malformed = MalformedAnswer(f"{type(error).__name__} in what the provider sent")
        malformed.__cause__ = error
        return malformed
    return error
