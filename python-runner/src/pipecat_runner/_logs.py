"""One JSON object a line on stderr, with the id of the call it belongs to, and nothing a caller or a bot has said."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message, Record

_OURS = "pipecat_runner"

# Libraries put what was said into their messages, between brackets, braces or quotes.
_QUOTED = re.compile(r"\[[^\]]*\]?|\{[^}]*\}?|\"[^\"]*\"?|'[^']*'?")
# What a provider answered may quote the request, and pipecat logs it as it came; the runner says what failed itself.
_ANSWERED = re.compile(r"( exception \([^)]*\)| error|Something went wrong): .*", re.DOTALL)
_MAX_FOREIGN_CHARS = 300


def configure_logging(level: str, worker: int | None = None) -> None:
    """Send loguru and the standard library's logging to stderr as JSON lines. Call once per process.

    Args:
        level: The lowest that is written.
        worker: The number of the worker this process is, for each line.
    """
    logger.remove()
    logger.configure(extra={} if worker is None else {"worker": worker})
    logger.add(_write, level=level, filter=_wanted, format="{message}", backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)


def _wanted(record: Record) -> bool:
    # Below WARNING pipecat logs the conversation.
    return _is_ours(record) or record["level"].no >= logging.WARNING


def _is_ours(record: Record) -> bool:
    return (record["name"] or "").split(".")[0] == _OURS


def _write(message: Message) -> None:
    record = message.record
    ours = _is_ours(record)
    line: dict[str, object] = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "logger": record["extra"].get("logger") or record["name"],
        "message": record["message"] if ours else without_quotes(record["message"]),
    }
    line |= {name: record["extra"][name] for name in ("worker", "call") if record["extra"].get(name) is not None}
    exception = record["exception"]
    if exception is not None and exception.type is not None:
        line["exception"] = exception.type.__name__
        traceback = exception.traceback
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        if traceback is not None:
            line["at"] = f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.flush()


def without_quotes(message: str) -> str:
    """A library's message without what it quotes."""
    return _QUOTED.sub("[…]", _ANSWERED.sub(r"\1", message))[:_MAX_FOREIGN_CHARS]


class _ToLoguru(logging.Handler):
    """Hands records of the standard library's logging to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.bind(logger=record.name).log(record.levelname, record.getMessage())
