"""Workers under a parent: calls are spread, and what happens to one worker happens to no other."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest

from pipecat_runner._observe.meters import Meters
from pipecat_runner._pool.pool import Pool
from pipecat_runner._settings import Settings
from tests.support.peer import Peer
from tests.support.runner import run_body
from tests.support.service import TONE, Service, wait_gone, wait_until

TWO = {"RUNNER_WORKERS": "2"}


def test_the_parent_is_small_and_answers_as_one_process_would() -> None:
    with Service(**TWO, RUNNER_TOKEN="secret", RUNNER_MAX_SESSIONS="2") as service, Peer() as a, Peer() as b:
        assert service.run(a, "a").status_code == 401
        service.http.headers["authorization"] = "Bearer secret"
        service.start(a, "a")
        service.start(b, "b")
        duplicate, full = service.run(b, "b"), service.run(b, "c")
        wrong, shapeless = service.run(b, "", agent={"bot": "tone"}), service.http.post("/run", content=b"{")
        stopped, unknown = service.stop("a"), service.stop("a")

        assert (duplicate.status_code, duplicate.json()) == (409, {"detail": "call b is already running"})
        assert (full.status_code, full.json()) == (503, {"detail": "all 2 places are taken (RUNNER_MAX_SESSIONS)"})
        assert wrong.status_code == shapeless.status_code == service.http.post("/stop").status_code == 422
        assert wrong.json()["detail"].startswith("id: ")
        assert (stopped.status_code, stopped.json()) == (200, {"status": "stopped", "id": "a"})
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "no call a is running"})
        assert service.run(b, "d", agent={"bot": "parrot"}).status_code == 400
        assert service.health()["sessions"] == 1
        assert service.http.get("/").status_code == 404
        parent = psutil.Process(service.process.pid)
        assert parent.memory_info().rss < 60 << 20
        loaded = {library.path for library in parent.memory_maps()}
        assert not [path for path in loaded if "numpy" in path or "onnxruntime" in path]


def test_a_burst_of_calls_is_spread_over_the_workers() -> None:
    with Service(**TWO) as service, ExitStack() as stack:
        for i in range(6):
            assert service.run(stack.enter_context(Peer()), str(i)).status_code == 200

        # How evenly depends on what else this machine does; see test_admission.
        assert all(service.metric("calls", worker=worker) >= 1 for worker in "12")


def test_a_killed_worker_takes_only_its_own_calls_along_and_they_can_start_again_at_once() -> None:
    with Service(**TWO) as service, Peer() as a, Peer() as b, Peer() as again:
        service.start(a, "a")
        service.start(b, "b")
        service.workers()[0].kill()
        wait_until(lambda: a.closed or b.closed, "the links of the killed worker to break")
        lost, kept, other = ("a", b, "b") if a.closed else ("b", a, "a")
        wait_until(lambda: service.health()["sessions"] == 1, "its call to be forgotten")

        assert service.stop(lost).status_code == 404
        service.start(again, lost)
        service.wait_for_sound(kept)
        assert kept.closed is None
        assert service.stop(other).status_code == 200
        assert service.metric("worker_restarts_total", cause="died") == 1
        assert service.metric("calls_ended_total", reason="worker_lost") == 1
        wait_until(lambda: service.ready() == 2, "the worker to be replaced")


def test_a_stalled_worker_holds_up_nobody_and_is_replaced() -> None:
    with Service(**TWO, RUNNER_STALL_TIMEOUT="2") as service, Peer() as a, Peer() as b, Peer() as c:
        service.start(a, "a")
        service.start(b, "b")
        stalled = service.workers()[0]
        stalled.suspend()
        # Nothing shows yet: whichever worker this start is given to, it succeeds.
        service.start(c, "c")
        # Both are asked; the worker that can answers, the other's call is gone with it.
        answers = sorted(service.stop(call_id).status_code for call_id in ("a", "b"))
        wait_gone([stalled])

        assert answers == [200, 404]
        service.wait_for_sound(c)
        wait_until(lambda: service.ready() == 2, "the worker to be replaced")
        assert service.metric("worker_restarts_total", cause="stalled") == 1


def test_a_worker_that_grows_takes_no_more_calls_and_is_replaced_when_its_calls_have_ended() -> None:
    with Service(RUNNER_WORKERS="1") as service:
        rest = service.workers()[0].memory_info().rss
    with Service(RUNNER_WORKERS="1", RUNNER_MAX_WORKER_MEMORY=str(rest + (40 << 20))) as service, ExitStack() as stack:
        peers = [stack.enter_context(Peer()) for _ in range(8)]
        grown = service.workers()[0]
        # Each holds 7 MiB of history as long as it lives.
        history = [{"role": "user", "content": "x" * (7 << 20)}]
        for i, peer in enumerate(peers):
            if service.metric("workers", state="retiring"):
                break
            assert service.run(peer, str(i), **TONE, llm_messages=history).status_code == 200
        wait_until(lambda: len(service.workers()) == 2, "the replacement")
        wait_until(lambda: service.ready() == 1, "the replacement to be ready")
        old = service.health()["sessions"]
        with Peer() as fresh:
            service.start(fresh, "fresh")
            for i in range(old):
                service.wait_for_sound(peers[i])
                assert service.stop(str(i)).status_code == 200
            wait_gone([grown])
            service.wait_for_sound(fresh)

        assert service.metric("worker_restarts_total", cause="grew") == 1


def test_sigterm_drains() -> None:
    with Service(**TWO) as service, Peer() as a, Peer() as b:
        service.start(a, "a")
        service.signal(signal.SIGTERM)
        wait_until(lambda: service.health()["status"] == "draining", "the drain")
        refused = service.run(b, "b")

        assert (refused.status_code, refused.json()) == (503, {"detail": "the runner is shutting down"})
        service.wait_for_sound(a)
        assert service.stop("a").status_code == 200
        assert a.wait_closed().code == 1000
        assert service.process.wait(20) == 0


def test_calls_that_outlast_the_drain_are_told_that_their_runner_is_lost() -> None:
    with Service(**TWO, RUNNER_DRAIN_TIMEOUT="0.3") as service, Peer() as a:
        service.start(a, "a")
        service.signal(signal.SIGTERM)

        assert a.wait_closed().code == 1011
        assert a.wait_for_message("server-message", t="call-ending")["d"]["reason"] == "runner_lost"
        assert service.process.wait(20) == 0


def test_a_second_sigterm_ends_everything_at_once() -> None:
    with Service(**TWO) as service, Peer() as a:
        service.start(a, "a")
        workers = service.workers()
        service.signal(signal.SIGTERM)
        wait_until(lambda: service.health()["status"] == "draining", "the drain")
        service.signal(signal.SIGTERM)

        assert a.wait_closed().code is None
        assert service.process.wait(20) == 0
        wait_gone(workers)


def test_a_worker_ignores_the_signals_that_are_the_parent_s_to_act_on() -> None:
    with Service(RUNNER_WORKERS="1") as service, Peer() as a:
        service.start(a, "a")
        (worker,) = service.workers()
        worker.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGINT)

        service.wait_for_sound(a)
        assert service.workers() == [worker]


def test_a_killed_parent_leaves_nothing_behind_not_even_a_stalled_worker_or_a_voice() -> None:
    with Service("--host", "127.0.0.1", **TWO) as service, Peer() as a:
        service.start(a, "a")
        everything = service.tree()
        assert len(everything) == 4
        service.workers()[0].suspend()
        service.process.kill()
        service.process.wait(20)

        wait_gone(everything)
        a.wait_closed()


def test_a_signal_while_the_workers_start_ends_the_runner() -> None:
    command = [sys.executable, "-m", "pipecat_runner", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        wait_until(lambda: psutil.Process(process.pid).children(), "a worker")
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


async def test_a_service_whose_workers_never_come_up_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    pool = Pool(Settings(workers=1), Meters())
    pool.start()
    await pool.hopeless.wait()
    await pool.close(lost=False)


def test_a_body_without_end_is_413() -> None:
    with Service(RUNNER_WORKERS="1") as service:
        body = run_body("ws://127.0.0.1:9/", prompt="x" * (9 << 20))

        assert service.http.post("/run", json=body).status_code == 413
