"""Two daemons share the work; one of them dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.daemon import Daemon, ToneRunner
from support.platform import Platform
from support.rabbit import host_queue
from support.wait import until

CALLS = 200
# How many are set up at a time. More at once measures this machine, on which the rest of the platform runs too: that is
# what make load is for.
BATCH = 20
HOSTS = ("127.0.0.2", "127.0.0.3")


@pytest.fixture
def daemons(platform: Platform, tones: ToneRunner, tmp_path: Path) -> Iterator[dict[str, Daemon]]:
    started = {
        host: Daemon(tmp_path, platform.environment, host, RUNNER_URL=tones.url, LOG_LEVEL="WARN") for host in HOSTS
    }
    yield started
    for daemon in started.values():
        daemon.stop()


def all_live(platform: Platform, calls: list[str]) -> bool:
    events = list(platform.events.all)
    ended = [event.data["end_reason"] for event in events if event.type == "pipecatcall_terminated"]
    assert not ended, f"calls ended while others were set up: {ended}"
    return sum(event.type == "pipecatcall_initialized" for event in events) == len(calls)


def test_calls_are_spread_reach_their_owner_and_end_when_it_is_killed(
    platform: Platform, daemons: dict[str, Daemon]
) -> None:
    calls: list[str] = []
    while len(calls) < CALLS:
        calls.extend(platform.start_call() for _ in range(BATCH))
        until(f"{len(calls)} calls are live", lambda: all_live(platform, calls), 60)
    owners = {call: platform.rpc.call("GET", f"/v1/pipecatcalls/{call}").data["host_id"] for call in calls}
    spread = Counter(owners.values())
    assert set(spread) == set(HOSTS)
    assert min(spread.values()) >= CALLS // 4, spread

    # A stop that comes to the wrong daemon reaches the right one.
    stopped = {host: next(call for call in calls if owners[call] == host) for host in HOSTS}
    for host, call in stopped.items():
        (other,) = set(HOSTS) - {host}
        answer = platform.rpc.call("POST", f"/v1/pipecatcalls/{call}/stop", queue=host_queue(other))
        assert answer.status == 200
        assert answer.data["status"] in {"ending", "ended"}, answer.data

    dies, lives = HOSTS
    orphans = [call for call in calls if owners[call] == dies and call not in stopped.values()]
    kept = [call for call in calls if owners[call] == lives and call not in stopped.values()]
    heard_before = {call: platform.asterisk.callers[call].frames for call in kept}
    daemons[dies].kill()

    until(
        "every orphan has its terminated event",
        lambda: all(platform.events.of(call, "pipecatcall_terminated") for call in orphans),
        30,
    )
    for call in orphans:
        record = platform.rpc.call("GET", f"/v1/pipecatcalls/{call}").data
        assert (record["status"], record["end_reason"]) == ("ended", "host_lost")
        assert record["tm_end"]
        (terminated,) = platform.events.of(call, "pipecatcall_terminated")
        assert terminated.data["end_reason"] == "host_lost"
        assert terminated.sequence > max(
            event.sequence for event in platform.events.of(call) if event.type != "pipecatcall_terminated"
        )
    deleted = {request.uri.rpartition("/")[2] for request in platform.managers.asked("DELETE", "^/v1/external-medias/")}
    assert set(orphans) <= deleted

    for call in kept:
        caller = platform.asterisk.callers[call]
        assert caller.ended is None, "a call of the daemon that lives was ended"
        assert caller.frames > heard_before[call]
        assert not platform.events.of(call, "pipecatcall_terminated")
    for call in kept:
        platform.asterisk.hang_up(call)
    until(
        "the others end as their callers hang up",
        lambda: all(platform.events.of(call, "pipecatcall_terminated") for call in kept),
    )

    open_rows = platform.database.rows("SELECT id FROM pipecat_pipecatcalls WHERE status <> 'ended' OR tm_end IS NULL")
    assert open_rows == []
    for call in calls:
        assert len(platform.events.of(call, "pipecatcall_terminated")) == 1
        sequences = [event.sequence for event in platform.events.of(call)]
        assert sequences == sorted(sequences), "the events of a call came out of order"


def test_a_start_repeated_on_the_other_daemon_is_answered_with_the_same_record(
    platform: Platform, daemons: dict[str, Daemon]
) -> None:
    call = platform.start_call()
    first = platform.rpc.call("GET", f"/v1/pipecatcalls/{call}").data
    body = {
        key: first[key] for key in ("id", "customer_id", "activeflow_id", "reference_type", "reference_id", "llm_type")
    } | {"stt_type": "whisper", "tts_type": "piper"}
    for host in daemons:
        again = platform.rpc.call("POST", "/v1/pipecatcalls", body, queue=host_queue(host))
        assert again.status == 200
        assert again.data["host_id"] == first["host_id"]
        other = platform.rpc.call("POST", "/v1/pipecatcalls", {**body, "tts_type": "x"}, queue=host_queue(host))
        assert (other.status, other.data["status"]) == (409, "ALREADY_EXISTS")
    assert len(platform.managers.asked("POST", "^/v1/external-medias$")) == 1


def test_a_full_daemon_leaves_starts_to_the_other_and_then_says_so(
    platform: Platform, tones: ToneRunner, tmp_path: Path
) -> None:
    settings = {"RUNNER_URL": tones.url, "MAX_SESSIONS": "3"}
    with (
        Daemon(tmp_path, platform.environment, HOSTS[0], **settings) as one,
        Daemon(tmp_path, platform.environment, HOSTS[1], **settings) as two,
    ):
        calls = [platform.start_call() for _ in range(6)]
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
        assert (refused.status, refused.data_type) == (503, "voipbin_error")
        assert refused.data["status"] == "UNAVAILABLE"
        for daemon in (one, two):
            assert platform.rpc.call("GET", "/v1/ping", queue=host_queue(daemon.host_id)).status == 200
        for call in calls:
            assert platform.rpc.call("POST", f"/v1/pipecatcalls/{call}/stop").status == 200
