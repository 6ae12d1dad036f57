"""What a model is told about a call: ``{"status": …}``, short enough to be read again in every later answer."""

from __future__ import annotations

import json
from typing import Any

Result = dict[str, Any]

#: Characters of a result as JSON. About 4000 tokens, which the model reads again with every answer that follows.
MAX_RESULT = 16_000
_MAX_ERROR = 1_000


def succeeded(data: Any) -> Result:
    """A call that was carried out, with what came back."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    if len(text) <= MAX_RESULT:
        return {"status": "ok", "data": data}
    note = f"cut: the result has {len(text)} characters, these are the first {MAX_RESULT}"
    return {"status": "ok", "note": note, "data": text[:MAX_RESULT]}


def failed(why: str) -> Result:
    """A call that was not carried out, or not to its end."""
    return {"status": "error", "error": why if len(why) <= _MAX_ERROR else f"{why[:_MAX_ERROR]} …"}


def late(secs: float) -> Result:
    """A call that nobody answered; whether it was carried out is not known."""
    return {"status": "timeout", "error": f"no answer within {secs:g} s"}


def cancelled(why: str) -> Result:
    """A call that was given up because the caller wanted something else."""
    return {"status": "cancelled", "error": why}
