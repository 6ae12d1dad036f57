"""Who may ask."""

from __future__ import annotations

import hmac

from pydantic import SecretStr

WANTED = "a bearer token is required (RUNNER_TOKEN)"


def is_authorized(token: SecretStr | None, header: str | None) -> bool:
    """Whether a request with this ``Authorization`` header may be answered."""
    if token is None:
        return True
    return hmac.compare_digest((header or "").encode(), f"Bearer {token.get_secret_value()}".encode())
