"""The tools of one assistant, as functions of its model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loguru import logger
from pipecat.adapters.llm.schemas.direct_function import tool_options
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.frames.frames import OutputAudioRawFrame
from pipecat.services.llm_service import FunctionCallParams

from pipecat_runner._agent import ToolConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._parts.call_end import CallEnd, Ending
from pipecat_runner._tools import tones
from pipecat_runner._tools.daemon import GRACE_SECS, TOOL_SECS, DaemonTools
from pipecat_runner._tools.desk import Desk, Hearing
from pipecat_runner._tools.names import safe_names
from pipecat_runner._tools.results import Result, cancelled, failed, late, succeeded
from pipecat_runner._tools.schema import Parameters

# After this many bad calls of a tool in a row the model is told to give up, and after twice as many it is not asked.
_BAD_CALLS = 3
# So many answers in a row may be nothing but calls, which cost and say nothing.
_MAX_ROUNDS = 20
_ENOUGH = f"the call was not made: the last {_MAX_ROUNDS} answers were nothing but calls; speak to the caller now"
_RUN_LLM = "run_llm"
_TRANSFERRED = Ending("transferred", "the bot put the caller through")
_INTERRUPTED = "the caller interrupted before this was carried out; it was not"


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the tools of all assistants of a call share.

    Attributes:
        desk: Where calls are watched over.
        daemon: Who carries out what is not built in.
        call_end: Who ends the call.
        out_rate: Of the bot's audio, in Hz.
        sorry: Said when the model does not get a call right.
    """

    desk: Desk
    daemon: DaemonTools
    call_end: CallEnd
    out_rate: int
    sorry: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Result
    wants_answer: bool
    ending: Ending | None = None
    within_secs: float | None = None


class _Function(FunctionSchema):
    """A function schema that also says what other arguments there may be, to providers that take it whole."""

    additional: Any = None

    def to_default_dict(self) -> dict[str, Any]:
        """The function as OpenAI writes it; Gemini's adapter drops what Gemini does not know."""
        whole: dict[str, Any] = super().to_default_dict()
        if self.additional is not None:
            whole["parameters"]["additionalProperties"] = self.additional
        return whole


class _Tool:
    """One tool and what its calls have led to."""

    def __init__(self, config: ToolConfig, where: str) -> None:
        self.config = config
        self.name = config.name
        keys = config.builtin == "send_dtmf"
        schema = tones.PARAMETERS if keys and not config.parameters else config.parameters
        self.parameters = Parameters(schema, f"{where}.parameters")
        if keys:
            tones.check_parameters(self.parameters.properties, f"{where}.parameters")
        self.bad_calls = 0


class Functions:
    """What one assistant's model may call. Belongs to the event loop."""

    def __init__(
        self,
        tools: Sequence[ToolConfig],
        workplace: Workplace,
        *,
        where: str = "tools",
        reserved: Sequence[str] = (),
    ) -> None:
        """Take the tools of an assistant.

        Args:
            tools: What its model may call.
            workplace: Where calls are carried out.
            where: The tools' path, for messages.
            reserved: Names that mean something else for this model.

        Raises:
            BadConfiguration: Two have the same name, a schema is none, or there is nowhere to send their calls.
        """
        names = [tool.name for tool in tools]
        twice = sorted({name for name in names if names.count(name) > 1 or name in reserved})
        if twice:
            raise BadConfiguration(f"{where}: these names are not unique: {', '.join(twice)}")
        if workplace.daemon.url is None and any(tool.builtin is None for tool in tools):
            raise BadConfiguration("link.tools_url: missing, but there are tools whose calls go to the daemon")
        self._place = workplace
        safe = safe_names([*reserved, *names])
        made = [_Tool(tool, f"{where}[{number}]") for number, tool in enumerate(tools)]
        self.schemas: list[FunctionSchema] = [self._schema(tool, safe[tool.name]) for tool in made]
        self.speeches: Mapping[str, str] = {
            safe[tool.name]: tool.config.speech for tool in made if tool.config.speech is not None
        }

    def _schema(self, tool: _Tool, name: str) -> FunctionSchema:
        async def carry_out(params: FunctionCallParams) -> None:
            await self._carry_out(tool, params)

        # As an asynchronous one: pipecat would cancel the others by itself at each interruption, and the word of that
        # overtakes the call where it waits to be heard, so that a call without an end stays in the conversation.
        tool_options(carry_out, cancel_on_interruption=False)
        function = _Function(
            name, tool.config.description, tool.parameters.properties, tool.parameters.required, carry_out
        )
        function.additional = tool.parameters.additional
        return function

    async def _carry_out(self, tool: _Tool, params: FunctionCallParams) -> None:
        interrupted = self._place.desk.interruption
        batch = await self._place.desk.batch_of(params.tool_call_id)
        try:
            outcome = await self._outcome(tool, params, interrupted)
        except Exception as e:  # noqa: BLE001 - whatever it was, the model must not wait for ever
            logger.error("tool {} failed in the runner: {}", tool.name, type(e).__name__)
            outcome = _Outcome(failed("the tool failed"), wants_answer=True)
        if outcome.result["status"] != "ok":
            logger.warning("tool {}: {}, call {}", tool.name, outcome.result["status"], params.tool_call_id)
        await self._place.desk.answered()
        wants_answer = batch.finish(wants_answer=outcome.wants_answer)
        await params.result_callback(outcome.result, properties=self._place.desk.then(wants_answer))
        if outcome.ending is not None:
            await self._place.call_end.end(params.pipeline_worker, outcome.ending, within_secs=outcome.within_secs)

    async def _outcome(self, tool: _Tool, params: FunctionCallParams, interrupted: asyncio.Event) -> _Outcome:
        if self._place.desk.rounds > _MAX_ROUNDS:
            return await self._stop_calling()
        violations = tool.parameters.violations(params.arguments)
        if violations is not None:
            return await self._refuse(tool, violations)
        tool.bad_calls = 0
        arguments = dict(params.arguments)
        wants_answer = tool.config.run_llm
        if _RUN_LLM in tool.parameters.properties and _RUN_LLM in arguments:
            wants_answer = _is_true(arguments.pop(_RUN_LLM))
        if tool.config.builtin == "hang_up":
            return await self._hang_up(interrupted)
        if tool.config.builtin == "send_dtmf":
            return _Outcome(await self._send_keys(arguments["digits"], interrupted), wants_answer)
        if tool.config.ends_call is not None:
            return await self._last_call(tool, params.tool_call_id, arguments, interrupted)
        result = await self._call(tool, params.tool_call_id, arguments, interrupted)
        # What the caller wants instead brings the next answer.
        return _Outcome(result, wants_answer and result["status"] != "cancelled")

    async def _refuse(self, tool: _Tool, violations: str) -> _Outcome:
        tool.bad_calls += 1
        if tool.bad_calls < _BAD_CALLS:
            why = f"the call was not made: {violations}. Correct the arguments and call again."
            return _Outcome(failed(why), wants_answer=True)
        why = (
            f"the call was not made: {violations}. That was bad call number {tool.bad_calls} in a row: do not call "
            "this function again, and tell the caller that it cannot be done now."
        )
        hopeless = tool.bad_calls >= 2 * _BAD_CALLS
        if hopeless:
            await self._apologise()
        return _Outcome(failed(why), wants_answer=not hopeless)

    async def _stop_calling(self) -> _Outcome:
        hopeless = self._place.desk.rounds > _MAX_ROUNDS + _BAD_CALLS
        if hopeless:
            await self._apologise()
        return _Outcome(failed(_ENOUGH), wants_answer=not hopeless)

    async def _apologise(self) -> None:
        await self._place.desk.answered()
        await self._place.desk.say(self._place.sorry)

    async def _call(
        self, tool: _Tool, call_id: str, arguments: dict[str, Any], interrupted: asyncio.Event | None
    ) -> Result:
        limit = (tool.config.timeout_secs or TOOL_SECS) + GRACE_SECS
        request = asyncio.create_task(self._place.daemon.call(call_id, tool.name, arguments))
        waits: set[asyncio.Task[Any]] = {request}
        if interrupted is not None and tool.config.on_interruption == "cancel":
            waits.add(asyncio.create_task(interrupted.wait()))
        try:
            with self._place.desk.busy():
                done, _ = await asyncio.wait(waits, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if request in done:
                return request.result()
            return cancelled("the caller interrupted; the call was given up") if done else late(limit)
        finally:
            for wait in waits:
                wait.cancel()

    async def _last_call(
        self, tool: _Tool, call_id: str, arguments: dict[str, Any], interrupted: asyncio.Event
    ) -> _Outcome:
        heard = await self._place.desk.heard(interrupted, self._place.call_end.last_words_secs)
        if heard is Hearing.INTERRUPTED:
            return _Outcome(cancelled(_INTERRUPTED), wants_answer=False)
        # From here on it cannot be taken back.
        result = await self._call(tool, call_id, arguments, None)
        if result["status"] != "ok":
            return _Outcome(result, wants_answer=True)
        return _Outcome(result, False, _TRANSFERRED if tool.config.ends_call == "transfer" else Ending())

    async def _hang_up(self, interrupted: asyncio.Event) -> _Outcome:
        heard = await self._place.desk.heard(interrupted, self._place.call_end.last_words_secs)
        if heard is Hearing.INTERRUPTED:
            return _Outcome(cancelled(_INTERRUPTED), wants_answer=False)
        within_secs = 0.0 if heard is Hearing.LATE else None
        return _Outcome(succeeded("the call ends"), False, Ending(), within_secs)

    async def _send_keys(self, digits: object, interrupted: asyncio.Event) -> Result:
        try:
            keys = tones.keys_of(digits)
        except ValueError as e:
            return failed(str(e))
        desk, rate = self._place.desk, self._place.out_rate
        await desk.answered()
        secs = 0.0
        for pcm in tones.tones(keys, rate):
            frame = OutputAudioRawFrame(pcm, sample_rate=rate, num_channels=1)
            # The one at the other end may be a machine that speaks on while keys are pressed.
            frame.interruptible = False
            secs += len(pcm) / 2 / rate
            await desk.queue_frame(frame)
        heard = await desk.heard(interrupted, secs + self._place.call_end.last_words_secs)
        if heard is Hearing.HEARD:
            return succeeded("the keys were sent")
        return failed("the other side spoke, or the call was on hold, while the keys were sent: some may be lost")


def _is_true(value: object) -> bool:
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)
