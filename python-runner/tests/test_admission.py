"""Which worker takes a call, and when none does."""

from __future__ import annotations

import pytest

from pipecat_runner._pool.admission import Admission, Cause, Limits, MachineLoad, Refused, WorkerLoad
from pipecat_runner._settings import Settings

LIMITS = Limits(calls=10, calls_per_worker=4, lag=0.2, cpu=0.9, memory=0.8)
IDLE = MachineLoad(cores=2, memory=0.1)


def worker(number: int, calls: int = 0, fresh: int = 0, lag: float = 0.0, cpu: float = 0.0) -> WorkerLoad:
    return WorkerLoad(number, calls, fresh, lag, cpu)


def refusal(admission: Admission, *workers: WorkerLoad, machine: MachineLoad = IDLE, calls: int = 1) -> Refused:
    with pytest.raises(Refused) as refused:
        admission.choose(workers, machine, calls)
    return refused.value


def test_the_worker_that_takes_least_cpu_is_chosen() -> None:
    assert Admission(LIMITS).choose([worker(1, calls=1, cpu=0.7), worker(2, calls=3, cpu=0.3)], IDLE, 4) == 2


def test_calls_that_have_just_begun_count_before_their_load_shows() -> None:
    admission, calls = Admission(LIMITS), {1: 0, 2: 0}
    for _ in range(6):
        calls[admission.choose([worker(n, calls=c, fresh=c) for n, c in calls.items()], IDLE, sum(calls.values()))] += 1

    assert calls == {1: 3, 2: 3}


def test_a_full_or_late_worker_is_passed_over() -> None:
    admission = Admission(LIMITS)

    assert admission.choose([worker(1, calls=4), worker(2, calls=3, cpu=0.5)], IDLE, 7) == 2
    assert admission.choose([worker(1, lag=0.3), worker(2, calls=3, cpu=0.5)], IDLE, 3) == 2


@pytest.mark.parametrize(
    ("workers", "machine", "calls", "cause", "sentence"),
    [
        ([], IDLE, 0, Cause.WARMING, "no worker is ready yet"),
        ([worker(1)], IDLE, 10, Cause.PLACES, "all 10 places are taken (RUNNER_MAX_SESSIONS)"),
        ([worker(1, calls=4)], IDLE, 4, Cause.PLACES, "all 4 places of every worker"),
        ([worker(1, lag=0.25)], IDLE, 1, Cause.LAG, "250 ms late, at most 200 ms are allowed (RUNNER_MAX_LOOP_LAG)"),
        (
            [worker(1, cpu=1.9)],
            IDLE,
            1,
            Cause.CPU,
            "95% of 2 cores, those that have just begun counted in; at most 90%",
        ),
        ([worker(1)], MachineLoad(2, 0.85), 1, Cause.MEMORY, "85% of the memory is in use, at most 80%"),
    ],
)
def test_a_refusal_names_the_measure_its_value_and_its_limit(
    workers: list[WorkerLoad], machine: MachineLoad, calls: int, cause: Cause, sentence: str
) -> None:
    refused = refusal(Admission(LIMITS), *workers, machine=machine, calls=calls)

    assert refused.cause is cause
    assert refused.status == 503
    assert sentence in str(refused)


def test_a_burst_is_refused_before_the_cpu_is_full() -> None:
    # Four calls take 1.6 cores; one more would be the ninth tenth.
    assert Admission(LIMITS).choose([worker(1, calls=4, cpu=1.6), worker(2)], IDLE, 4) == 2
    assert refusal(Admission(LIMITS), worker(1, calls=5, fresh=1, cpu=1.6), worker(2)).cause is Cause.CPU


def test_a_measure_that_refused_calls_must_fall_well_below_its_limit() -> None:
    admission = Admission(LIMITS)
    admission.choose([worker(1, lag=0.19)], IDLE, 1)
    refusal(admission, worker(1, lag=0.21))
    refusal(admission, worker(1, lag=0.19))

    assert admission.choose([worker(1, lag=0.16)], IDLE, 1) == 1


@pytest.mark.parametrize(
    ("variable", "value", "name", "expected"),
    [
        ("RUNNER_MAX_WORKER_MEMORY", "1500M", "max_worker_memory_bytes", 1500 << 20),
        ("RUNNER_MAX_WORKER_MEMORY", "1.5GiB", "max_worker_memory_bytes", 3 << 29),
        ("RUNNER_MAX_CPU", "80%", "max_cpu", 0.8),
        ("RUNNER_MAX_MEMORY", "0.7", "max_memory", 0.7),
        ("RUNNER_WORKERS", "3", "workers", 3),
    ],
)
def test_limits_are_read_as_an_operator_writes_them(variable: str, value: str, name: str, expected: float) -> None:
    assert getattr(Settings.from_environment({variable: value}), name) == expected


@pytest.mark.parametrize(("variable", "value"), [("RUNNER_MAX_WORKER_MEMORY", "much"), ("RUNNER_MAX_CPU", "120%")])
def test_a_limit_that_is_none_is_refused(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Settings.from_environment({variable: value})
