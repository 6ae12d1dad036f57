"""All workers: started ahead, watched, replaced; and which call is in which."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from loguru import logger

from pipecat_runner._errors import DuplicateSession, UnknownSession
from pipecat_runner._observe.meters import Meters
from pipecat_runner._pool import machine
from pipecat_runner._pool.admission import Admission, Cause, Limits, MachineLoad, Refused, WorkerLoad
from pipecat_runner._pool.process import Answer, WorkerLost, WorkerProcess
from pipecat_runner._pool.report import PERIOD_SECS
from pipecat_runner._settings import Settings

# Importing takes a second or two, many on a busy machine; then a worker reports.
_START_SECS = 60.0
# A call counts as fresh until the measured load shows it.
_FRESH_SECS = 3.0
# Pause before a replacement: the first, the longest, and how long a worker must have lived for the next to be short.
_PAUSE_SECS, _LONGEST_PAUSE_SECS, _LIVED_SECS = 0.2, 10.0, 30.0
# A service whose first workers all end before they serve is broken; it says so and ends.
_HOPELESS = 3
# A watcher that was itself held up this long knows nothing about the others.
_BLIND_SECS = 1.0


@dataclass(eq=False, slots=True)
class _Call:
    id: str
    worker: WorkerProcess
    since: float
    pending: bool = True

    def is_fresh(self, now: float) -> bool:
        return self.pending or now - self.since < _FRESH_SECS


class Pool:
    """Belongs to the event loop of the parent.

    Attributes:
        size: Workers there should be.
        draining: No call is taken any more.
        hopeless: Set when no worker comes up at all, or none is watched any more: there is no use in going on.
    """

    def __init__(self, settings: Settings, meters: Meters) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._meters = meters
        self._cores = machine.cores()
        self.size = settings.workers or max(1, round(self._cores))
        self._admission = Admission(
            Limits(
                calls=settings.max_sessions,
                calls_per_worker=settings.max_sessions_per_worker,
                lag=settings.max_loop_lag_secs,
                cpu=settings.max_cpu,
                memory=settings.max_memory,
            )
        )
        self._workers: dict[int, WorkerProcess] = {}
        self._calls: dict[str, _Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiters: set[asyncio.Future[None]] = set()
        # More at once would only make all of them late.
        self._starting = asyncio.Semaphore(max(1, int(self._cores) // 2))
        self._failed_starts = 0
        self._has_served = False
        self.draining = False
        self.hopeless = asyncio.Event()

    def start(self) -> None:
        """Start the workers and watch them."""
        for _ in range(self.size):
            self._spawn(self._keep_one())
        self._spawn(self._watch())

    # -- what it is asked

    def __len__(self) -> int:
        """Calls being set up or running."""
        return len(self._calls)

    def count_warm(self) -> int:
        """Workers that take calls and have their models."""
        return sum(worker.report.warm for worker in self._taking())

    async def wait_until_warm(self) -> None:
        """Wait for the first worker that has its models."""
        await self._until(lambda: self.count_warm() > 0)

    async def run(self, call_id: str, body: bytes, media_type: str) -> Answer:
        """Start a call in the worker that has most room.

        Raises:
            RunnerError: It was refused.
        """
        while True:
            if not self.draining:
                await self._wait_until_serving()
            if self.draining:
                raise Refused(Cause.DRAINING, "the runner is shutting down")
            if call_id in self._calls:
                raise DuplicateSession(f"call {call_id} is already running")
            call = _Call(call_id, self._place(), time.monotonic())
            try:
                return await self._start(call, body, media_type)
            except WorkerLost as e:
                # One that had begun may have met its end in this very call, and the daemon may have seen its link.
                if e.begun:
                    raise Refused(
                        Cause.LOST, "the worker that was setting the call up has ended; start the call again"
                    ) from e

    async def _start(self, call: _Call, body: bytes, media_type: str) -> Answer:
        self._calls[call.id] = call
        started = False
        try:
            answer = await call.worker.ask("POST", "/run", body, media_type)
            started = answer.status == 200
            return answer
        finally:
            call.pending = False
            call.since = time.monotonic()
            if not started:
                self._forget(call)

    async def stop(self, call_id: str, query: str) -> Answer:
        """Have a call's worker stop it.

        Raises:
            UnknownSession: No worker has such a call.
        """
        call = self._calls.get(call_id)
        if call is not None:
            try:
                return await call.worker.ask("POST", f"/stop?{query}")
            except WorkerLost:
                pass
        raise UnknownSession(f"no call {call_id} is running")

    async def ask_any(self, method: str, target: str, body: bytes, media_type: str) -> Answer:
        """Put a request that concerns no call to the worker that is quickest.

        Raises:
            Refused: No worker serves.
        """
        await self._wait_until_serving()
        for worker in sorted(self._taking(), key=lambda worker: (worker.silence, worker.report.lag)):
            try:
                return await worker.ask(method, target, body, media_type)
            except WorkerLost:
                continue
        raise Refused(Cause.WARMING, "no worker is ready yet; try again in some seconds")

    def show(self, meters: Meters) -> None:
        """Set the gauges that tell how workers and machine are."""
        meters.clear("calls", "loop_lag_seconds", "worker_cpu_cores", "resident_bytes")
        states = {"starting": 0, "warming": 0, "ready": 0, "retiring": 0}
        for worker in self._workers.values():
            label = str(worker.number)
            meters.set("calls", sum(call.worker is worker for call in self._calls.values()), worker=label)
            meters.set("loop_lag_seconds", max(worker.report.lag, worker.silence), worker=label)
            meters.set("worker_cpu_cores", worker.report.cpu, worker=label)
            meters.set("resident_bytes", worker.report.rss, worker=label)
            states[worker.state] += 1
        for state, number in states.items():
            meters.set("workers", number, state=state)
        meters.set("cpu_share", sum(worker.report.cpu for worker in self._workers.values()) / self._cores)
        meters.set("memory_share", machine.memory_share())

    # -- the end

    async def drain(self, limit_secs: float) -> None:
        """Take no more calls, and wait for those there are to end by themselves."""
        self.draining = True
        self._touch()
        logger.info("draining: {} calls may go on for {:g} s", len(self._calls), limit_secs)
        try:
            async with asyncio.timeout(limit_secs):
                await self._until(lambda: not self._calls)
        except TimeoutError:
            logger.warning("{} calls are cut off", len(self._calls))

    async def close(self, *, lost: bool) -> None:
        """End all calls and workers, within the shutdown deadline.

        Args:
            lost: Calls that are cut off are to be started again elsewhere.
        """
        self.draining = True
        await self._cancel_tasks()
        workers = list(self._workers.values())
        for worker in workers:
            worker.end(lost=lost)
        limit = self._settings.shutdown_timeout_secs + 1
        # One that does not serve yet has no calls, and would listen only when its imports are done.
        await asyncio.gather(*(w.wait_gone(limit if w.serving.is_set() else 0) for w in workers))
        for worker in workers:
            self._lose(worker)

    async def abort(self) -> None:
        """End all workers at once."""
        self.draining = True
        await self._cancel_tasks()
        await asyncio.gather(*(worker.wait_gone(0) for worker in self._workers.values()))

    async def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- calls

    def _place(self) -> WorkerProcess:
        now = time.monotonic()
        loads = []
        taking = self._taking()
        # A worker without its models would let the caller wait for them.
        for worker in [w for w in taking if w.report.warm] or taking:
            calls = [call for call in self._calls.values() if call.worker is worker]
            loads.append(
                WorkerLoad(
                    number=worker.number,
                    calls=len(calls),
                    fresh=sum(call.is_fresh(now) for call in calls),
                    lag=max(worker.report.lag, worker.silence),
                    cpu=worker.report.cpu,
                )
            )
        return self._workers[
            self._admission.choose(loads, MachineLoad(self._cores, machine.memory_share()), len(self._calls))
        ]

    def _forget(self, call: _Call) -> None:
        if self._calls.get(call.id) is call:
            del self._calls[call.id]
            self._touch()

    def _forget_all(self, worker: WorkerProcess) -> None:
        for call in [call for call in self._calls.values() if call.worker is worker]:
            if not call.pending:
                self._meters.count("calls_ended", reason="worker_lost")
            self._forget(call)

    def _on_ended(self, worker: WorkerProcess, call_id: str) -> None:
        call = self._calls.get(call_id)
        if call is not None and call.worker is worker:
            self._forget(call)

    # -- workers

    def _taking(self) -> list[WorkerProcess]:
        return [w for w in self._workers.values() if w.serving.is_set() and not w.retiring and not w.gone.is_set()]

    async def _wait_until_serving(self) -> None:
        if self._taking():
            return
        try:
            async with asyncio.timeout(self._settings.setup_timeout_secs):
                await self._until(lambda: bool(self._taking()) or self.draining)
        except TimeoutError:
            raise Refused(Cause.WARMING, "no worker is ready yet; try again in some seconds") from None

    async def _keep_one(self) -> None:
        """One place of the pool: always a worker in it."""
        pause = _PAUSE_SECS
        while True:
            number = min(set(range(1, len(self._workers) + 2)) - self._workers.keys())
            worker = WorkerProcess(number, self._on_ended, self._meters.apply, self._touch)
            self._workers[number] = worker
            cause = await self._live(worker)
            self._meters.count("worker_restarts", cause=cause)
            if worker.gone.is_set():
                self._lose(worker)
            else:
                self._spawn(self._see_out(worker))
            pause = _PAUSE_SECS if time.monotonic() - worker.born > _LIVED_SECS else pause * 2
            pause = min(pause, _LONGEST_PAUSE_SECS)
            logger.error("worker {} (pid {}): {}; another in {:g} s", number, worker.pid, cause, pause)
            await asyncio.sleep(pause)

    async def _live(self, worker: WorkerProcess) -> str:
        """From its start until it is gone or takes no more calls; answers why."""
        try:
            async with self._starting:
                await worker.start(self._settings.for_worker(self.size))
                await self._until(lambda: worker.report.warm or worker.is_over)
        except OSError as e:
            logger.error("a worker cannot be started: {}", e.strerror)
            worker.gone.set()
        await self._until(lambda: worker.is_over)
        if worker.serving.is_set():
            self._has_served = True
            return worker.cause or "died"
        self._failed_starts += 1
        if self._failed_starts >= _HOPELESS and not self._has_served:
            self.hopeless.set()
        return "start"

    def _lose(self, worker: WorkerProcess) -> None:
        self._forget_all(worker)
        if self._workers.get(worker.number) is worker:
            del self._workers[worker.number]

    async def _see_out(self, worker: WorkerProcess) -> None:
        """Let the calls of a worker that is replaced end, then end it."""
        try:
            async with asyncio.timeout(self._settings.retire_timeout_secs):
                await self._until(
                    lambda: worker.gone.is_set() or all(call.worker is not worker for call in self._calls.values())
                )
        except TimeoutError:
            logger.warning("worker {}: its calls are cut off, they went on for too long", worker.number)
        worker.end(lost=True)
        await worker.wait_gone(self._settings.shutdown_timeout_secs + 1)
        self._lose(worker)

    async def _watch(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(PERIOD_SECS)
            now = time.monotonic()
            blind = now - last - PERIOD_SECS > _BLIND_SECS
            last = now
            for worker in list(self._workers.values()):
                if blind:
                    worker.heard = now
                self._judge(worker, now)

    def _judge(self, worker: WorkerProcess, now: float) -> None:
        if worker.gone.is_set() or worker.pid is None:
            return
        if not worker.serving.is_set():
            if now - worker.born > _START_SECS:
                worker.kill("start")
        elif worker.silence > self._settings.stall_timeout_secs:
            logger.error("worker {} has said nothing for {:.1f} s and is killed", worker.number, worker.silence)
            worker.kill("stalled")
        elif worker.report.rss > self._settings.max_worker_memory_bytes and not self._is_any_retiring():
            logger.warning(
                "worker {} holds {} MiB, at most {} are allowed (RUNNER_MAX_WORKER_MEMORY); it takes no more calls",
                worker.number,
                worker.report.rss >> 20,
                self._settings.max_worker_memory_bytes >> 20,
            )
            worker.cause = "grew"
            worker.retiring = True
            self._touch()

    def _is_any_retiring(self) -> bool:
        # One at a time: while it lasts there are two, and memory is what is short.
        return any(worker.retiring for worker in self._workers.values())

    # -- waiting

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            # Workers that nobody watches are worse than none: end, and be started again.
            logger.opt(exception=failure).error("the pool cannot go on")
            self.hopeless.set()

    def _touch(self) -> None:
        """Something has changed: whoever waits looks again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)
