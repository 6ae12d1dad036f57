"""A server of the platform is away for a minute while calls are live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.asterisk import Caller
from support.daemon import Daemon, ToneRunner
from support.platform import Platform
from support.rabbit import Rpc
from support.wait import until

pytestmark = pytest.mark.long

CALLS = 10
OUTAGE_SECONDS = 60
HOST = "127.0.0.2"


@pytest.fixture
def daemon(platform: Platform, tones: ToneRunner, tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path, platform.environment, HOST, RUNNER_URL=tones.url) as running:
        yield running


def live_calls(platform: Platform) -> list[str]:
    calls = [platform.start_call() for _ in range(CALLS)]
    until(
        "every call is live and hears its bot",
        lambda: (
            all(platform.asterisk.callers[c].frames > 50 for c in calls if c in platform.asterisk.callers)
            and sum(e.type == "pipecatcall_initialized" for e in platform.events.all) == CALLS
        ),
    )
    return calls


def away(platform: Platform, which: str, calls: list[str]) -> None:
    """Stops a server for a minute, and sees that callers do not notice."""
    callers = [platform.asterisk.callers[call] for call in calls]
    before = [(caller.frames, caller.silent_after_speech) for caller in callers]
    since = time.monotonic()
    platform.services.stop(which)
    try:
        time.sleep(OUTAGE_SECONDS)
    finally:
        platform.services.start(which)
    seconds = time.monotonic() - since
    for caller, (frames, silent) in zip(callers, before, strict=True):
        _heard_on(caller, frames, silent, seconds)


def _heard_on(caller: Caller, frames: int, silent: int, seconds: float) -> None:
    assert caller.ended is None, f"a call ended: {caller.ended}"
    assert abs((caller.frames - frames) / seconds - 50) < 0.5, "frames are missing or too many"
    assert caller.silent_after_speech == silent, "the bot fell silent"


def ended_in_order(platform: Platform, calls: list[str]) -> None:
    """Hangs up, and checks records and events of every call."""
    for call in calls:
        platform.asterisk.hang_up(call)
    until("every call is terminated", lambda: all(platform.events.of(c, "pipecatcall_terminated") for c in calls), 60)
    for call in calls:
        events = platform.events.of(call)
        sequences = [event.sequence for event in events]
        assert sequences == list(range(1, len(sequences) + 1)), f"lost or out of order: {sequences}"
        assert [e.type for e in events].count("pipecatcall_terminated") == 1
        (row,) = platform.database.rows(
            "SELECT status, end_reason, tm_end FROM pipecat_pipecatcalls WHERE id = UNHEX(REPLACE(%s, '-', ''))", call
        )
        assert (row["status"], row["end_reason"]) == ("ended", "caller_hung_up")
        assert row["tm_end"]


def test_the_broker_is_away(platform: Platform, daemon: Daemon) -> None:
    calls = live_calls(platform)
    # Half of the calls end while nobody can be told.
    stays, goes = calls[: CALLS // 2], calls[CALLS // 2 :]
    platform.services.stop("rabbitmq")
    for call in goes:
        platform.asterisk.hang_up(call)
    platform.services.start("rabbitmq")
    away(platform, "rabbitmq", stays)
    platform.rpc = Rpc(platform.services.environment["PIPECAT_AMQP_URL"])
    until("the shared queue is served again", lambda: _answers(platform), 30)
    until(
        "what happened meanwhile arrives",
        lambda: all(platform.events.of(call, "pipecatcall_terminated") for call in goes),
        60,
    )
    ended_in_order(platform, stays)
    for call in goes:
        sequences = [event.sequence for event in platform.events.of(call)]
        assert sequences == list(range(1, len(sequences) + 1))


def _answers(platform: Platform) -> bool:
    try:
        return platform.rpc.call("GET", "/v1/ping", timeout=1).status == 200
    except AssertionError:
        return False


def _missing(daemon: Daemon) -> list[str]:
    status, body = daemon.readiness()
    return list(body["missing"]) if status == 503 else []


def test_the_database_is_away(platform: Platform, daemon: Daemon) -> None:
    calls = live_calls(platform)
    platform.services.stop("mariadb")
    try:
        refused = platform.rpc.call(
            "POST",
            "/v1/pipecatcalls",
            {
                "id": "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10",
                "reference_type": "call",
                "reference_id": "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a11",
                "llm_type": "openai.m",
            },
        )
        assert (refused.status, refused.data["status"]) == (503, "UNAVAILABLE")
        # It asks the database once a second; the start above may have been refused sooner.
        missing = until("the daemon is not ready", lambda: _missing(daemon))
        assert any(thing.startswith("store: ") for thing in missing), missing
        assert platform.rpc.call("GET", f"/v1/pipecatcalls/{calls[0]}").data["status"] == "live"
        assert platform.rpc.call("POST", f"/v1/pipecatcalls/{calls[-1]}/stop").status == 200
    finally:
        platform.services.start("mariadb")
    away(platform, "mariadb", calls[:-1])
    until("it is ready again", lambda: daemon.readiness()[0] == 200, 30)
    ended_in_order(platform, calls[:-1])
    until(
        "the call that was stopped meanwhile is terminated",
        lambda: platform.events.of(calls[-1], "pipecatcall_terminated"),
    )


def test_the_cache_is_away(platform: Platform, daemon: Daemon) -> None:
    calls = live_calls(platform)
    away(platform, "redis", calls)
    another = platform.start_call()
    assert platform.rpc.call("GET", f"/v1/pipecatcalls/{another}").status == 200
    until("it is live", lambda: another in platform.asterisk.callers)
    ended_in_order(platform, [*calls])
    assert all(platform.events.of(c, "pipecatcall_terminated")[0].data["end_reason"] != "host_lost" for c in calls)
