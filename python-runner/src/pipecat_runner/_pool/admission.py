"""Whether a call is taken, and which worker carries it. Pure: measurements come in, a choice or a refusal comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipecat_runner._errors import RunnerFull

# A measure that has refused calls takes them again when it has fallen this far below its limit.
_REOPEN = 0.85
# Cores a call takes before any has been measured, and bounds for what is measured.
_CALL_COST = 0.05
_CALL_COST_BOUNDS = (0.01, 0.5)


class Cause(StrEnum):
    """Why a call was refused."""

    DRAINING = "draining"
    WARMING = "warming"
    PLACES = "places"
    LAG = "loop_lag"
    CPU = "cpu"
    MEMORY = "memory"
    LOST = "worker_lost"


class Refused(RunnerFull):
    """The call is not taken now."""

    def __init__(self, cause: Cause, message: str) -> None:
        """Say why, in a sentence that names the measure, its value and its limit."""
        super().__init__(message)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Limits:
    """From which values on calls are refused.

    Attributes:
        calls: At once, on the machine.
        calls_per_worker: At once, in one worker.
        lag: Of a worker's event loop, in seconds.
        cpu: All workers take, as a share of the machine, 0 to 1. What other programs take shows as lag where it hurts.
        memory: Of the machine, 0 to 1.
    """

    calls: int
    calls_per_worker: int
    lag: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """A worker that takes calls.

    Attributes:
        number: Which it is.
        calls: It has, those being set up included.
        fresh: How many of them are so new that ``lag`` and ``cpu`` do not show them yet.
        lag: Of its event loop, in seconds.
        cpu: It takes, in cores.
    """

    number: int
    calls: int
    fresh: int
    lag: float
    cpu: float


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """The machine: its cores, and the share of its memory in use, 0 to 1."""

    cores: float
    memory: float


@dataclass(slots=True)
class _Gate:
    limit: float
    shut: bool = False

    def refuses(self, value: float) -> bool:
        self.shut = value > (self.limit * _REOPEN if self.shut else self.limit)
        return self.shut


@dataclass(slots=True)
class Admission:
    """Decides, and remembers which measures are over their limits."""

    limits: Limits
    _lags: dict[int, _Gate] = field(default_factory=dict)
    _cpu: _Gate = field(init=False)
    _memory: _Gate = field(init=False)

    def __post_init__(self) -> None:
        self._cpu = _Gate(self.limits.cpu)
        self._memory = _Gate(self.limits.memory)

    def choose(self, workers: Sequence[WorkerLoad], machine: MachineLoad, calls: int) -> int:
        """The number of the worker that takes the next call.

        Args:
            workers: Those that take calls.
            machine: What they share.
            calls: On the machine now.

        Raises:
            Refused: None does.
        """
        self._check_machine(workers, machine, calls)
        self._lags = {w.number: self._lags.get(w.number) or _Gate(self.limits.lag) for w in workers}
        quick = [worker for worker in workers if not self._lags[worker.number].refuses(worker.lag)]
        if not quick:
            least = min(worker.lag for worker in workers)
            raise Refused(
                Cause.LAG,
                f"the event loop of the least busy worker is {least * 1000:.0f} ms late, at most "
                f"{self.limits.lag * 1000:.0f} ms are allowed (RUNNER_MAX_LOOP_LAG); try again in some seconds",
            )
        free = [worker for worker in quick if worker.calls < self.limits.calls_per_worker]
        if not free:
            raise Refused(
                Cause.PLACES,
                f"all {self.limits.calls_per_worker} places of every worker that has time are taken "
                "(RUNNER_MAX_SESSIONS_PER_WORKER)",
            )
        # Less than a tenth of a core is noise.
        return min(free, key=lambda w: (round(w.cpu + w.fresh * _call_cost(w), 1), w.calls, w.number)).number

    def _check_machine(self, workers: Sequence[WorkerLoad], machine: MachineLoad, calls: int) -> None:
        if not workers:
            raise Refused(Cause.WARMING, "no worker is ready yet; try again in some seconds")
        if calls >= self.limits.calls:
            raise Refused(Cause.PLACES, f"all {self.limits.calls} places are taken (RUNNER_MAX_SESSIONS)")
        cpu = sum(worker.cpu + worker.fresh * _call_cost(worker) for worker in workers) / machine.cores
        if self._cpu.refuses(cpu):
            raise Refused(
                Cause.CPU,
                f"calls take {cpu:.0%} of {machine.cores:g} cores, those that have just begun counted in; at most "
                f"{self.limits.cpu:.0%} is allowed (RUNNER_MAX_CPU); try again in some seconds",
            )
        if self._memory.refuses(machine.memory):
            raise Refused(
                Cause.MEMORY,
                f"{machine.memory:.0%} of the memory is in use, at most {self.limits.memory:.0%} is allowed "
                "(RUNNER_MAX_MEMORY)",
            )


def _call_cost(worker: WorkerLoad) -> float:
    measured = worker.calls - worker.fresh
    if measured <= 0:
        return _CALL_COST
    low, high = _CALL_COST_BOUNDS
    return min(high, max(low, worker.cpu / measured))
