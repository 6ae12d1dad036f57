"""One of several services has a place in the pipeline, and it changes hands without losing or doubling a frame."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from pipecat.frames.frames import (
    CancelFrame,
    ControlFrame,
    DataFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    FunctionCallResultFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    StartFrame,
    STTMetadataFrame,
    TextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from pipecat.services.ai_service import AIService
from pipecat.workers.runner import WorkerRunner

from pipecat_runner._parts.seat import Seat
from pipecat_runner._parts.watch import Again, NotSeated, Watch

_SECS = 10.0


@dataclass
class Number(DataFrame):
    n: int = 0


@dataclass
class Lasting(ControlFrame):
    interruptible: bool = field(default=False, init=False)


class Service(AIService):
    """Signs what passes, and holds a number back while its gate is closed."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.seen: list[Frame] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.setups = 0
        self.cleanups = 0

    def service_metadata_frame(self) -> STTMetadataFrame:
        return STTMetadataFrame(service_name=self.name, ttfs_p99_latency=0.1)

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]
        await super().setup(setup)
        self.setups += 1

    async def cleanup(self) -> None:
        await super().cleanup()
        self.cleanups += 1

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self.seen.append(frame)
        if isinstance(frame, Number):
            await self.gate.wait()
            frame.metadata["by"] = self.name
        await self.push_frame(frame, direction)


class Ear(FrameProcessor):
    """Keeps what comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Frame] = []
        self.changed = asyncio.Condition()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        async with self.changed:
            self.heard.append(frame)
            self.changed.notify_all()
        await self.push_frame(frame, direction)

    def numbers(self) -> list[tuple[int, str]]:
        return [(frame.n, frame.metadata["by"]) for frame in self.heard if isinstance(frame, Number)]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(_SECS), self.changed:
            await self.changed.wait_for(condition)


@dataclass
class Stage:
    """A pipeline of one seat, running."""

    seat: Seat
    ear: Ear
    worker: PipelineWorker
    running: asyncio.Task[None]

    async def send(self, *frames: Frame) -> None:
        for frame in frames:
            await self.seat.queue_frame(frame)

    async def end(self) -> None:
        await self.worker.stop_when_done()
        async with asyncio.timeout(_SECS):
            await self.running


@asynccontextmanager
async def stage(watch: Watch | None = None) -> AsyncIterator[Stage]:
    seat = Seat("stt", "a", lambda: Service("a"), watch=watch)
    ear = Ear()
    worker = PipelineWorker(
        Pipeline([seat, ear]),
        params=PipelineParams(),
        enable_rtvi=False,
        idle_timeout_secs=None,
        processor_unusable_policy=ProcessorUnusablePolicy.END,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    before = asyncio.all_tasks()
    running = asyncio.create_task(runner.run())
    await ear.wait_for(lambda: any(isinstance(frame, StartFrame) for frame in ear.heard))
    try:
        yield Stage(seat, ear, worker, running)
    finally:
        if not running.done():
            await worker.cancel()
        async with asyncio.timeout(_SECS):
            await running
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    assert not left, left


def play(act: Callable[[Stage], Awaitable[None]], watch: Watch | None = None) -> None:
    async def run() -> None:
        async with stage(watch) as made:
            await act(made)

    asyncio.run(run())


def service(made: Stage, key: str) -> Service:
    found = made.seat.made[key]
    assert isinstance(found, Service)
    return found


def test_who_is_offered_is_made_when_it_is_needed_in_a_thread_and_only_once() -> None:
    async def act(made: Stage) -> None:
        threads: list[str] = []

        def build() -> Service:
            threads.append(threading.current_thread().name)
            return Service("b")

        made.seat.offer("b", build)
        await made.send(Number(1))
        await made.ear.wait_for(lambda: made.ear.numbers() == [(1, "a")])
        assert threads == []
        for key in ("b", "a", "b"):
            await made.seat.switch(key)
        assert made.seat.active == "b"
        await made.send(Number(2))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 2)
        assert made.ear.numbers() == [(1, "a"), (2, "b")]
        assert len(threads) == 1
        assert threads[0] != threading.main_thread().name
        assert service(made, "b").setups == 1
        await made.end()
        assert service(made, "a").cleanups == service(made, "b").cleanups == 1

    play(act)


def test_frames_that_arrive_while_the_seat_changes_hands_keep_their_order_and_reach_the_new_one() -> None:
    async def act(made: Stage) -> None:
        release = threading.Event()

        def build() -> Service:
            assert release.wait(_SECS)
            return Service("b")

        made.seat.offer("b", build)
        service(made, "a").gate.clear()
        await made.send(Number(1), Number(2))
        switching = asyncio.create_task(made.seat.switch("b"))
        await asyncio.sleep(0)
        await made.send(Number(3), Number(4))
        release.set()
        service(made, "a").gate.set()
        await switching
        await made.send(Number(5))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 5)
        assert made.ear.numbers() == [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "b")]

    play(act)


def test_the_callers_audio_goes_on_while_the_seat_changes_hands() -> None:
    async def act(made: Stage) -> None:
        release = threading.Event()

        def build() -> Service:
            assert release.wait(_SECS)
            return Service("b")

        made.seat.offer("b", build)
        switching = asyncio.create_task(made.seat.switch("b"))
        await asyncio.sleep(0)
        audio = InputAudioRawFrame(bytes(640), 16000, 1)
        await made.send(audio)
        await made.ear.wait_for(lambda: audio in made.ear.heard)
        release.set()
        await switching

    play(act)


def test_who_leaves_at_once_is_heard_no_more_and_the_next_gets_what_the_watch_says() -> None:
    class Keeper(Watch):
        def again(self, *, same: bool) -> list[Again]:
            return [Again(left, quietly=True), Again(stuck)]

    left, stuck = Number(1), Number(2)

    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        await made.send(left)
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 1)
        service(made, "a").gate.clear()
        await made.send(stuck)
        await made.seat.switch("b", finish=False, discard=True)
        await made.send(Number(3))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 3)
        assert [n for n, _ in made.ear.numbers()] == [1, 2, 3]
        assert [frame.n for frame in service(made, "b").seen if isinstance(frame, Number)] == [1, 2, 3]
        assert set(made.seat.made) == {"b"}

    play(act, Keeper())


def test_an_interruption_reaches_everybody_and_leaves_once() -> None:
    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        await made.seat.switch("b")
        await made.send(InterruptionFrame(), Number(1))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 1)
        assert sum(isinstance(frame, InterruptionFrame) for frame in made.ear.heard) == 1
        for key in ("a", "b"):
            assert any(isinstance(frame, InterruptionFrame) for frame in service(made, key).seen)

    play(act)


@pytest.mark.parametrize("end", [EndFrame, CancelFrame])
def test_the_end_reaches_everybody_that_was_made_before_it_goes_on(end: type[Frame]) -> None:
    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        await made.seat.switch("b")
        if end is EndFrame:
            await made.end()
        else:
            await made.worker.cancel()
            await made.running
        for key in ("a", "b"):
            assert sum(isinstance(frame, end) for frame in services[key].seen) == 1
        assert sum(isinstance(frame, end) for frame in made.ear.heard) == 1

    services: dict[str, Service] = {}

    class Remember(Watch):
        async def enters(self, frame: Frame, direction: FrameDirection) -> bool:
            if isinstance(frame, EndFrame | CancelFrame):
                services.update({key: found for key, found in seat().made.items() if isinstance(found, Service)})
            return True

    seats: list[Seat] = []

    def seat() -> Seat:
        return seats[0]

    async def run() -> None:
        async with stage(Remember()) as made:
            seats.append(made.seat)
            await act(made)

    asyncio.run(run())


def test_the_new_one_says_what_it_is_and_the_one_before_says_nothing_more() -> None:
    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        before = service(made, "a")
        await made.seat.switch("b")
        await before.broadcast_service_metadata()
        await before.push_frame(TextFrame("late"))
        await made.send(Number(1))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 1)
        told = [frame.service_name for frame in made.ear.heard if isinstance(frame, STTMetadataFrame)]
        assert told == ["a", "b"]
        assert not any(isinstance(frame, TextFrame) for frame in made.ear.heard)

    play(act)


def test_the_result_of_a_tool_comes_through_although_its_model_has_lost_the_seat() -> None:
    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        before = service(made, "a")
        await made.seat.switch("b")
        result = FunctionCallResultFrame("balance", "call_0", {}, {"status": "ok"})
        await before.push_frame(result)
        await made.ear.wait_for(lambda: result in made.ear.heard)

    play(act)


def test_a_dead_service_without_the_seat_does_not_end_the_call() -> None:
    async def act(made: Stage) -> None:
        made.seat.offer("b", lambda: Service("b"))
        before = service(made, "a")
        await made.seat.switch("b")
        await before.push_error("gone", force_treat_as_permanent=True)
        await made.send(Number(1))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 1)
        assert not made.running.done()

    play(act)


def test_a_service_that_cannot_be_made_leaves_the_seat_as_it_was() -> None:
    class Broken(Service):
        async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]
            await super().setup(setup)
            raise ConnectionError("refused")

    def build() -> Service:
        raise ValueError("no such model")

    async def act(made: Stage) -> None:
        made.seat.offer("b", build)
        made.seat.offer("c", lambda: Broken("c"))
        switching = asyncio.create_task(made.seat.switch("b"))
        await asyncio.sleep(0)
        await made.send(Number(1))
        with pytest.raises(NotSeated, match="ValueError"):
            await switching
        with pytest.raises(NotSeated, match="failed at its start") as failure:
            await made.seat.switch("c")
        assert isinstance(failure.value.error, ErrorFrame)
        await made.send(Number(2))
        await made.ear.wait_for(lambda: len(made.ear.numbers()) == 2)
        assert made.ear.numbers() == [(1, "a"), (2, "a")]
        assert made.seat.active == "a"
        assert not made.running.done()

    play(act)


def test_an_interruption_while_the_seat_changes_hands_drops_what_waits_but_not_what_lasts() -> None:
    async def act(made: Stage) -> None:
        release = threading.Event()

        def build() -> Service:
            assert release.wait(_SECS)
            return Service("b")

        made.seat.offer("b", build)
        switching = asyncio.create_task(made.seat.switch("b"))
        await asyncio.sleep(0)
        lasting = Lasting()
        await made.send(Number(1), lasting, InterruptionFrame())
        release.set()
        await switching
        await made.ear.wait_for(lambda: lasting in made.ear.heard)
        assert made.ear.numbers() == []

    play(act)
