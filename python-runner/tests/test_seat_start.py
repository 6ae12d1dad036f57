"""Who takes over before the pipeline has started."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pipecat.frames.frames import Frame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection
from pipecat.workers.runner import WorkerRunner

from pipecat_runner._parts.occupant import _SILENCE_SECS
from pipecat_runner._parts.seat import Seat
from pipecat_runner._parts.watch import NotSeated
from tests.test_seat import Ear, Number, Service, Stage, play

_SECS = 10.0


class Late(Service):
    """Lets the pipeline's start through when it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.reached = asyncio.Event()
        self.release = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, StartFrame):
            self.reached.set()
            await self.release.wait()
        await super().process_frame(frame, direction)


def test_who_takes_over_before_the_pipeline_has_started_lets_it_start_first() -> None:
    async def run() -> None:
        late, ear = Late("a"), Ear()
        seat = Seat("stt", "a", lambda: late)
        seat.offer("b", lambda: Service("b"))
        worker = PipelineWorker(Pipeline([seat, ear]), enable_rtvi=False, idle_timeout_secs=None)
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        await late.reached.wait()
        switching = asyncio.create_task(seat.switch("b", finish=False))
        # Longer than the one that leaves is given to fall silent.
        assert not (await asyncio.wait({switching}, timeout=_SILENCE_SECS + 0.5))[0]
        late.release.set()
        await switching
        await ear.wait_for(lambda: any(isinstance(frame, StartFrame) for frame in ear.heard))
        await seat.queue_frame(Number(1))
        await ear.wait_for(lambda: ear.numbers() == [(1, "b")])
        await worker.stop_when_done()
        async with asyncio.timeout(_SECS):
            await running

    asyncio.run(run())


def test_who_is_made_while_the_call_ends_is_not_started() -> None:
    async def act(made: Stage) -> None:
        building, release = threading.Event(), threading.Event()

        def build() -> Service:
            building.set()
            assert release.wait(_SECS)
            return Service("b")

        made.seat.offer("b", build)
        preparing = asyncio.create_task(made.seat.prepare("b"))
        assert await asyncio.to_thread(building.wait, _SECS)
        await made.end()
        release.set()
        with pytest.raises(NotSeated, match="the call is over"):
            await preparing

    play(act)
