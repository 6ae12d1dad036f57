"""What is on its way through a seat when it changes hands arrives, and once, however late the one that leaves is."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

import pytest
from pipecat.frames.frames import CancelFrame, Frame, SystemFrame
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._parts.watch import Again, Watch
from tests.test_seat import Service, Stage, play

_SECS = 10.0


@dataclass
class Message(SystemFrame):
    n: int = 0


class Slow(Service):
    """Keeps a message, and all behind it, while its door is closed."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.door = asyncio.Event()
        self.let_out: list[int] = []
        self.changed = asyncio.Condition()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, Message):
            await self.door.wait()
        await super().process_frame(frame, direction)
        if isinstance(frame, Message):
            async with self.changed:
                self.let_out.append(frame.n)
                self.changed.notify_all()

    async def wait_for(self, *let_out: int) -> None:
        async with asyncio.timeout(_SECS), self.changed:
            await self.changed.wait_for(lambda: self.let_out == list(let_out))


async def switch_with(made: Stage, *frames: Frame, discard: bool = False) -> tuple[Slow, Slow]:
    """Have frames come in after the one that leaves was silenced, and answer before one of them is let out."""
    given, building = threading.Event(), threading.Event()

    def build() -> Slow:
        building.set()
        assert given.wait(_SECS)
        return Slow("b")

    made.seat.offer("slow", lambda: Slow("slow"))
    made.seat.offer("b", build)
    before = await made.seat.switch("slow")
    switching = asyncio.create_task(made.seat.switch("b", finish=False, discard=discard))
    assert await asyncio.to_thread(building.wait, _SECS)
    await made.send(*frames)
    given.set()
    after = await switching
    assert isinstance(before, Slow)
    assert isinstance(after, Slow)
    assert messages(made) == []
    return before, after


def messages(made: Stage) -> list[int]:
    return [frame.n for frame in made.ear.heard if isinstance(frame, Message)]


async def settle(made: Stage, after: Slow, *expected: int) -> None:
    """Wait until a last message has come through the one that has the seat, and see what came before it."""
    after.door.set()
    await made.send(Message(n=99))
    await made.ear.wait_for(lambda: 99 in messages(made))
    assert messages(made) == [*expected, 99]


def test_what_the_one_that_leaves_is_late_to_let_out_goes_on_once() -> None:
    async def act(made: Stage) -> None:
        before, after = await switch_with(made, Message(n=1), Message(n=2))
        before.door.set()
        await before.wait_for(1, 2)
        await made.ear.wait_for(lambda: messages(made) == [1, 2])
        await settle(made, after, 1, 2)

    play(act)


@pytest.mark.parametrize("discard", [False, True])
def test_what_the_one_that_leaves_never_lets_out_goes_on_through_the_next(discard: bool) -> None:
    async def act(made: Stage) -> None:
        before, after = await switch_with(made, Message(n=1), Message(n=2), discard=discard)
        after.door.set()
        await after.wait_for(1, 2)
        await made.ear.wait_for(lambda: messages(made) == [1, 2])
        if not discard:
            before.door.set()
            await before.wait_for(1, 2)
        await settle(made, after, 1, 2)

    play(act)


def test_what_the_next_is_given_again_and_the_one_before_still_has_goes_on_once() -> None:
    one, two, three = Message(n=1), Message(n=2), Message(n=3)

    class Keeper(Watch):
        def again(self, *, same: bool) -> list[Again]:
            return [Again(one), Again(three)]

    async def act(made: Stage) -> None:
        before, after = await switch_with(made, one, two, three)
        after.door.set()
        await after.wait_for(2, 1, 3)
        before.door.set()
        await before.wait_for(1, 2, 3)
        await settle(made, after, 2, 1, 3)

    play(act, Keeper())


def test_a_cancellation_that_is_in_the_one_that_leaves_ends_the_call() -> None:
    async def act(made: Stage) -> None:
        before, after = await switch_with(made, Message(n=1), CancelFrame())
        before.door.set()
        after.door.set()
        await made.ear.wait_for(lambda: any(isinstance(frame, CancelFrame) for frame in made.ear.heard))
        assert messages(made) == [1]

    play(act)
