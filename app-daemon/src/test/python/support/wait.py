"""Waiting for something that another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: str, probe: Callable[[], T], timeout: float = 30) -> T:
    """The first truthy answer of ``probe``, asked again and again.

    Raises:
        AssertionError: It never came.
    """
    deadline = time.monotonic() + timeout
    while not (found := probe()):
        assert time.monotonic() < deadline, f"never came true within {timeout:g} s: {what}"
        time.sleep(0.02)
    return found
