"""A place in the pipeline that one of several services has at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    FunctionCallsStartedFrame,
    InterruptionFrame,
    LLMConfigureOutputFrame,
    ServiceSwitcherRequestMetadataFrame,
    ServiceUpdateSettingsFrame,
    StartFrame,
    StopFrame,
    STTMuteFrame,
    SystemFrame,
)
from pipecat.pipeline.base_pipeline import BasePipeline
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup

from pipecat_runner._parts.occupant import Finish, Occupant
from pipecat_runner._parts.watch import NotSeated, Watch

Builder = Callable[[], FrameProcessor]

_DOWN = FrameDirection.DOWNSTREAM

#: A service that has not started after this long is not going to.
MAKE_SECS = 10.0
# Who leaves may finish what it was given; a sentence or two are not longer than this.
_FINISH_SECS = 15.0
# Those who are not seated have nothing to do at the end; a connection that does not close is not waited for.
_END_SECS = 2.0

# A tool may outlive the turn of the model that called it; its result is the conversation's.
_OF_TOOLS = (
    FunctionCallsStartedFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    FunctionCallCancelFrame,
)
# What changes the state of whoever is made, seated or not.
_FOR_ALL = (InterruptionFrame, CancelFrame, EndFrame, StopFrame, STTMuteFrame, LLMConfigureOutputFrame)


class Seat(BasePipeline):
    """One of the services that were offered has this place; :meth:`switch` gives it to another.

    A service is made when it is first needed, in a thread, and from then on lives as long as the call, unless it is
    discarded. What it pushes is seen outside, by the pipeline and by its observers, only while it has the seat; the
    results of tools it called are the exception. Frames that arrive while the seat changes hands wait and go to the
    one that gets it, in their order; what cannot wait (pipecat's system frames: the caller's audio, interruptions)
    goes through the one that still has it. What has not come out of that one when the seat changes hands is given to
    the next, too, and goes on once.

    It has no task and no queue of its own: what comes in is in the service's queue at once.
    """

    def __init__(self, part: str, key: str, build: Builder, *, watch: Watch | None = None) -> None:
        """Make the first service. Blocks as long as that takes.

        Args:
            part: What kind of service sits here, for logs: ``llm``, ``stt``, ``tts``.
            key: The first service's key.
            build: Makes it.
            watch: Who sees what goes in and out.
        """
        super().__init__(enable_direct_mode=True, name=f"seat-{part}")
        self.part = part
        self.watch = watch or Watch()
        self._builders: dict[str, Builder] = {key: build}
        self._active = Occupant(key, build(), self._leave)
        self._made: dict[str, Occupant] = {key: self._active}
        self._start: StartFrame | None = None
        self._settings: list[ServiceUpdateSettingsFrame] = []
        self._changing = False
        self._closed = False
        self._held: list[tuple[Frame, FrameDirection]] = []
        self._finish: Finish | None = None
        self._lock = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    # -- what others ask

    @property
    def active(self) -> str:
        """The key of who has the seat."""
        return self._active.key

    @property
    def service(self) -> FrameProcessor:
        """The service that has the seat."""
        return self._active.service

    @property
    def made(self) -> Mapping[str, FrameProcessor]:
        """The services made so far, by key."""
        return {key: occupant.service for key, occupant in self._made.items()}

    def offer(self, key: str, build: Builder) -> None:
        """Name another service for this seat.

        Args:
            key: Unique in this seat.
            build: Makes it, in a thread, when it is first needed.
        """
        if key in self._builders:
            raise ValueError(f"seat {self.part}: {key!r} is offered already")
        self._builders[key] = build

    async def switch(self, key: str, *, finish: bool = True, discard: bool = False) -> FrameProcessor:
        """Give the seat to another service and return it. Does nothing when it has it.

        Args:
            key: Who was offered.
            finish: Whether the one that has the seat may finish what it was given. Otherwise it is silenced at once,
                and the watch says what the next one is given again.
            discard: Whether the one that leaves is thrown away; it is made anew when it is wanted again.

        Raises:
            KeyError: Nobody was offered under this key.
            NotSeated: It cannot be made or does not start.
        """
        build = self._builders[key]
        async with self._lock:
            if key == self._active.key:
                return self._active.service
            await self._wait_until_started(key)
            self._changing = True
            try:
                if not finish:
                    await self._active.silence()
                occupant = self._made.get(key) or await self._make(key, build)
                if finish:
                    await self._wait_until_finished()
                before, self._active = self._active, occupant
                # Turn strategies and aggregators are set by what the service says about itself.
                await occupant.take(ServiceSwitcherRequestMetadataFrame(service=occupant.service))
                await occupant.take_over(before, self.watch.again(same=False) if not finish else [])
                if discard:
                    self._discard(before)
            finally:
                self._active.silent = False
                await self._let_in()
            logger.info("{}: {} takes over from {}", self.part, key, before.key)
            return occupant.service

    async def _wait_until_started(self, key: str) -> None:
        """Let the pipeline's start pass: a service can fail before it, and who is not seated lets nothing pass."""
        try:
            async with asyncio.timeout(MAKE_SECS):
                await self._active.started.wait()
        except TimeoutError as e:
            raise NotSeated(key, "the pipeline does not start", cause=e) from e

    async def prepare(self, key: str) -> None:
        """Make a service, if it is not made, so that a later :meth:`switch` takes no time.

        Raises:
            KeyError: Nobody was offered under this key.
            NotSeated: It cannot be made or does not start.
        """
        build = self._builders[key]
        async with self._lock:
            if key not in self._made:
                await self._make(key, build)

    async def restart(self) -> None:
        """Silence whoever has the seat and give it once more what it did not finish, as the watch says."""
        async with self._lock:
            self._changing = True
            try:
                await self._active.silence()
                await self._active.hand(self.watch.again(same=True))
            finally:
                await self._let_in()

    # -- making

    async def _make(self, key: str, build: Builder) -> Occupant:
        if self._start is None:
            raise NotSeated(key, "the pipeline has not started yet")
        try:
            service = await asyncio.to_thread(build)
        except Exception as e:
            raise NotSeated(key, f"cannot be made ({type(e).__name__})", cause=e) from e
        self._check_open(key)
        occupant = Occupant(key, service, self._leave)
        self._made[key] = occupant
        try:
            async with asyncio.timeout(MAKE_SECS):
                await self._setup_processors(occupant.parts, self._inner_setup())
                self._check_open(key)
                await occupant.take(self._start, _DOWN)
                await occupant.started.wait()
        except TimeoutError as e:
            self._discard(occupant)
            raise NotSeated(key, f"did not start within {MAKE_SECS:g} s", cause=e) from e
        except asyncio.CancelledError:
            # Whoever prepared it no longer wants it; half a service must not be found here.
            self._discard(occupant)
            raise
        except NotSeated:
            await self._cleanup_processors(occupant.parts)
            raise
        if occupant.error is not None:
            self._discard(occupant)
            raise NotSeated(key, "failed at its start", error=occupant.error)
        for settings in self._settings:
            await occupant.take_settings(settings)
        return occupant

    def _check_open(self, key: str) -> None:
        """Who is made while the call ends is not started: nobody would end it."""
        if self._closed:
            raise NotSeated(key, "the call is over")

    def _inner_setup(self) -> FrameProcessorSetup:
        # Observers would see what is dropped here; what leaves they see as the seat's.
        return replace(self.processor_setup, observer=None)

    # -- changing

    async def _wait_until_finished(self) -> None:
        self._finish = Finish()
        await self._active.take(self._finish, _DOWN)
        try:
            async with asyncio.timeout(_FINISH_SECS):
                await self._finish.done.wait()
        except TimeoutError:
            logger.warning("{}: {} did not finish within {:g} s", self.part, self._active.key, _FINISH_SECS)
        finally:
            self._finish = None

    async def _let_in(self) -> None:
        while self._held:
            frame, direction = self._held.pop(0)
            await self._give(frame, direction)
        self._changing = False

    def _discard(self, occupant: Occupant) -> None:
        self._made.pop(occupant.key, None)
        task = self.create_task(self._dismiss(occupant), f"{self}::dismiss::{occupant.key}")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _dismiss(self, occupant: Occupant) -> None:
        try:
            if occupant.started.is_set():
                await occupant.take(CancelFrame(), _DOWN)
                async with asyncio.timeout(_END_SECS):
                    await occupant.ended.wait()
        except TimeoutError:
            logger.debug("{}: {} did not take its leave within {:g} s", self.part, occupant.key, _END_SECS)
        finally:
            await self._cleanup_processors(occupant.parts)

    # -- frames on their way in

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Hand a frame to whoever has the seat, and what concerns all of them to the others, too."""
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._start = frame
        if isinstance(frame, InterruptionFrame):
            self._held = [held for held in self._held if not held[0].interruptible]
            if self._finish is not None:
                self._finish.done.set()
        if self._changing and not isinstance(frame, SystemFrame):
            self._held.append((frame, direction))
        else:
            await self._give(frame, direction)

    async def _give(self, frame: Frame, direction: FrameDirection) -> None:
        active = self._active
        others = [occupant for occupant in self._made.values() if occupant is not active]
        if isinstance(frame, _FOR_ALL):
            for occupant in others:
                if occupant.started.is_set():
                    await occupant.take(frame, direction)
        elif isinstance(frame, ServiceUpdateSettingsFrame):
            if frame.reach_inactive_services and frame.service is None:
                self._settings.append(frame)
            for occupant in others:
                await occupant.take_settings(frame)
        if await self.watch.enters(frame, direction):
            await active.pass_on(frame, direction)

    # -- frames on their way out

    async def _leave(self, occupant: Occupant, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, StartFrame):
            occupant.started.set()
        elif isinstance(frame, EndFrame | CancelFrame):
            occupant.ended.set()
        elif isinstance(frame, Finish):
            frame.done.set()
            return
        elif isinstance(frame, ServiceSwitcherRequestMetadataFrame):
            return
        if occupant.keeps(frame):
            return
        passes = occupant.lets_pass(frame)
        if not passes and (occupant is not self._active or (occupant.silent and not isinstance(frame, SystemFrame))):
            await self._leave_unseated(occupant, frame, direction)
        elif isinstance(frame, ErrorFrame) and frame.processor is occupant.service:
            if await self.watch.fails(frame):
                await self.push_frame(frame, direction)
        elif await self.watch.leaves(frame, direction):
            if isinstance(frame, EndFrame | CancelFrame):
                await self._wait_until_ended()
            await self.push_frame(frame, direction)

    async def _leave_unseated(self, occupant: Occupant, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, _OF_TOOLS):
            await self.push_frame(frame, direction)
        elif isinstance(frame, ErrorFrame) and frame.processor is occupant.service:
            occupant.error = occupant.error or frame
            logger.info("{}: an error of {}, which does not have the call", self.part, occupant.key)

    async def _wait_until_ended(self) -> None:
        """Let those who are not seated close their connections before the end goes on its way."""
        waiting = [
            self.create_task(occupant.ended.wait(), f"{self}::end::{occupant.key}")
            for occupant in self._made.values()
            if occupant is not self._active and occupant.started.is_set()
        ]
        for late in (await asyncio.wait(waiting, timeout=_END_SECS))[1] if waiting else ():
            await self.cancel_task(late)

    # -- life

    @property
    def processors(self) -> list[FrameProcessor]:
        """The service that has the seat, between what connects it."""
        return self._active.parts

    @property
    def entry_processors(self) -> list[FrameProcessor]:
        """Where frames come in."""
        return [self._active.parts[0]]

    def processors_with_metrics(self) -> list[FrameProcessor]:
        """The service that has the seat, when it measures."""
        return [self.service] if self.service.can_generate_metrics() else []

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]
        """Set the first service up."""
        await super().setup(setup)
        self._setup_finished()
        await self._setup_processors(self._active.parts, self._inner_setup())

    async def cleanup(self) -> None:
        """Release every service that was made."""
        self._closed = True
        await super().cleanup()
        await self.watch.close()
        for task in list(self._leaving):
            await self.cancel_task(task)
        await asyncio.gather(*(self._cleanup_processors(occupant.parts) for occupant in self._made.values()))
