"""How much of this machine there is, in a container as the container is allowed."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
# What version 1 writes where there is no limit is close to 2^63.
_NO_LIMIT = 1 << 60


def cores() -> float:
    """Cores this process may use: those it may run on, or a container's share of them."""
    allowed = float(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else float(os.cpu_count() or 1)
    quota = _cpu_quota()
    return max(0.1, min(allowed, quota)) if quota is not None else allowed


def memory_share() -> float:
    """Memory in use, 0 to 1, of the machine or of the container's limit, whichever is nearer to its end."""
    system = psutil.virtual_memory()
    shares = [1 - system.available / system.total]
    limit = _number("memory.max", "memory/memory.limit_in_bytes")
    used = _number("memory.current", "memory/memory.usage_in_bytes")
    if limit is not None and used is not None and 0 < limit < min(system.total, _NO_LIMIT):
        shares.append((used - _file_cache()) / limit)
    return max(0.0, *shares)


def _cpu_quota() -> float | None:
    try:
        quota, period = (_CGROUP / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    quota_us = _number("cpu/cpu.cfs_quota_us")
    period_us = _number("cpu/cpu.cfs_period_us")
    return quota_us / period_us if quota_us is not None and period_us and quota_us > 0 else None


def _file_cache() -> int:
    # The kernel gives this back before anything is short.
    for name in ("memory.stat", "memory/memory.stat"):
        try:
            lines = (_CGROUP / name).read_text().splitlines()
        except OSError:
            continue
        values = dict(line.split(maxsplit=1) for line in lines)
        return int(values.get("inactive_file", values.get("total_inactive_file", "0")))
    return 0


def _number(*names: str) -> int | None:
    for name in names:
        try:
            return int((_CGROUP / name).read_text())
        except (OSError, ValueError):
            continue
    return None
