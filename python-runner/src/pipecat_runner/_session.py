"""One call: a bot's pipeline between its start and its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from loguru import logger
from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy
from pipecat.processors.frameworks.rtvi import RTVIObserverParams
from pipecat.processors.frameworks.rtvi.observer import RTVIFunctionCallReportLevel
from pipecat.workers.runner import WorkerRunner

from pipecat_runner._bots.base import Bot
from pipecat_runner._errors import RunnerError, SetupTimeout, StoppedInSetup
from pipecat_runner._link.link import Link
from pipecat_runner._link.output import LinkOutput
from pipecat_runner._link.session import INTERNAL_ERROR, NORMAL_CLOSURE, LinkSession
from pipecat_runner._link.voice_stop import VoiceStopObserver
from pipecat_runner._observe.meter import CallMeter
from pipecat_runner._observe.samples import Samples
from pipecat_runner._observe.together import Together
from pipecat_runner._parts.call_end import Ending
from pipecat_runner._schema import RunRequest

if TYPE_CHECKING:
    from pipecat_runner._observe.tracing import Tracing

# A pipeline that was told to cancel is gone within 0.2 s; after this long its task is cancelled from outside.
_CANCEL_SECS = 5.0

BotBuilder = Callable[[RunRequest], Bot]


class CallSession:
    """Runs one call in one task. :meth:`start` once, then :meth:`stop` any number of times."""

    def __init__(
        self,
        request: RunRequest,
        build: BotBuilder,
        *,
        setup_timeout_secs: float,
        samples: Samples | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """Prepare a call.

        Args:
            request: What the daemon asks for.
            build: Makes the bot; called in a thread.
            setup_timeout_secs: Limit for :meth:`start`.
            samples: Where the call is counted.
            tracing: Where its spans go, if anywhere.
        """
        self.id = request.id
        self._request = request
        self._build = build
        self._setup_timeout = setup_timeout_secs
        self._samples = samples or Samples()
        self._tracing = tracing
        self._link = LinkSession(request.link.ws_url, request.link.token.get_secret_value())
        self._worker: PipelineWorker | None = None
        self._output: LinkOutput | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = asyncio.Event()
        self._stop_requested = False
        self._failure: str | None = None

    async def start(self) -> None:
        """Build, connect and start; returns when the pipeline runs.

        Raises:
            RunnerError: Bad configuration, a link that cannot be opened, or a pipeline that does not start.
        """
        began = time.monotonic()
        with logger.contextualize(call=self.id):
            try:
                async with asyncio.timeout(self._setup_timeout):
                    bot = await asyncio.to_thread(self._build, self._request)
                    await self._open_link(bot)
                    self._task = asyncio.create_task(self._run(bot), name=f"call-{self.id}")
                    await self._wait_until_started(self._task)
                self._samples.add("calls_started")
                self._samples.add("setup_seconds", time.monotonic() - began)
            except TimeoutError as e:
                await self.kill()
                raise SetupTimeout(f"the pipeline did not start within {self._setup_timeout:g} s") from e
            except RunnerError:
                await self.kill()
                raise
            except Exception as e:
                await self.kill()
                logger.exception("the call could not be set up")
                raise RunnerError(f"the call could not be set up: {type(e).__name__} in the runner") from e
            except asyncio.CancelledError:
                await self.kill()
                raise

    async def _open_link(self, bot: Bot) -> None:
        try:
            await self._link.open()
            self._check_not_stopped()
        except BaseException:
            await bot.closed()
            raise

    def _check_not_stopped(self) -> None:
        if self._stop_requested:
            raise StoppedInSetup("the call was stopped while it was being set up")

    async def _wait_until_started(self, task: asyncio.Task[None]) -> None:
        started = asyncio.create_task(self._started.wait())
        try:
            await asyncio.wait({started, task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            started.cancel()
        if not self._started.is_set():
            raise RunnerError(self._failure or "the pipeline ended before it had started")

    async def stop(self, *, drain: bool = False, lost: bool = False) -> None:
        """End the call and wait for its end. One that is still being set up does not come to run.

        Args:
            drain: Let the bot say what it has begun to say; otherwise it falls silent at once.
            lost: Tell the daemon that its runner is lost, not that this is the end of the call.
        """
        if lost:
            self._failure = self._failure or "the runner is shutting down"
        self._stop_requested = True
        if self._worker is None or self._task is None:
            return
        if drain:
            await self._worker.stop_when_done()
        else:
            await self._worker.cancel(reason="stop requested")
            # A worker that is already ending takes no cancellation; it waits for the caller's ear, no longer now.
            if self._output is not None:
                self._output.give_up()
            await self._await_end(_CANCEL_SECS)

    async def kill(self) -> None:
        """End the call by all means and wait for its end."""
        await self.stop()
        if self._task is None:
            await self._link.close()

    async def wait(self) -> None:
        """Wait until the call has ended."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _await_end(self, limit_secs: float) -> None:
        if self._task is None or self._task is asyncio.current_task():
            return
        done, _ = await asyncio.wait({self._task}, timeout=limit_secs)
        if not done:
            logger.error("the pipeline did not end within {:g} s and is cancelled from outside", limit_secs)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=limit_secs)

    async def _run(self, bot: Bot) -> None:
        try:
            with self._tracing.within(self._request.traceparent) if self._tracing else nullcontext():
                await self._run_pipeline(bot)
        except Exception as e:  # noqa: BLE001 - whatever it was, the call must end in order
            logger.exception("the call ended with an error")
            self._failure = f"{type(e).__name__} in the runner"
        finally:
            await self._close_link(bot.ending)
            await bot.closed()
            self._worker = None

    async def _run_pipeline(self, bot: Bot) -> None:
        self._worker = self._make_worker(bot)
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self._worker)
        watcher = asyncio.create_task(self._cancel_when_link_is_gone(self._worker))
        try:
            await runner.run()
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    def _make_worker(self, bot: Bot) -> PipelineWorker:
        audio = self._request.audio
        link = Link(
            self._link,
            in_rate=audio.in_rate,
            out_rate=bot.out_rate,
            window_ms=audio.window_ms,
            chunk_ms=audio.chunk_ms,
        )
        self._output = link.output
        meter = CallMeter(self._samples)
        self._link.on_told = meter.told
        worker = PipelineWorker(
            Pipeline(bot.processors(link)),
            params=PipelineParams(
                audio_in_sample_rate=audio.in_rate,
                audio_out_sample_rate=bot.out_rate,
                enable_metrics=True,
                enable_usage_metrics=True,
            ),
            observers=[Together(VoiceStopObserver(self._link), meter)],
            enable_tracing=self._tracing is not None,
            enable_turn_tracking=self._tracing is not None,
            conversation_id=self.id,
            # Whether a silent call is over is the daemon's decision.
            idle_timeout_secs=None,
            # Otherwise a pipeline without its transport would go on for ever.
            processor_unusable_policy=ProcessorUnusablePolicy.END,
            rtvi_observer_params=RTVIObserverParams(function_call_report_level={"*": RTVIFunctionCallReportLevel.FULL}),
            setup_timeout_secs=self._setup_timeout,
            start_timeout_secs=self._setup_timeout,
        )

        async def on_started(_: PipelineWorker, __: Frame) -> None:
            self._started.set()
            if self._stop_requested:
                await worker.cancel(reason="stop requested")
                return
            await bot.started(worker)

        async def on_error(_: PipelineWorker, frame: ErrorFrame) -> None:
            if frame.processor is not None and not frame.processor.is_usable:
                self._failure = self._failure or f"{type(frame.processor).__name__} can no longer work"

        worker.add_event_handler("on_pipeline_started", on_started)
        worker.add_event_handler("on_pipeline_error", on_error)
        return worker

    async def _cancel_when_link_is_gone(self, worker: PipelineWorker) -> None:
        await self._link.gone.wait()
        # A pipeline cancelled before it has started leaves tasks behind.
        await self._started.wait()
        await worker.cancel(reason="the link is gone")

    async def _close_link(self, ending: Ending) -> None:
        failure = self._failure or self._link.failure
        if self._started.is_set():
            self._samples.add("calls_ended", reason=self._reason(failure, ending))
        if failure is not None:
            logger.error("the call ends: {}", failure)
            await self._link.close(code=INTERNAL_ERROR, ending=Ending("runner_lost", failure).as_message())
        elif self._stop_requested:
            await self._link.close(code=NORMAL_CLOSURE)
        else:
            await self._link.close(code=NORMAL_CLOSURE, ending=ending.as_message())

    def _reason(self, failure: str | None, ending: Ending) -> str:
        if failure is not None:
            return "failed"
        if self._stop_requested:
            return "stopped"
        return "link_closed" if self._link.gone.is_set() else ending.reason
