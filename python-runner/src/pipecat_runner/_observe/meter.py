"""Counts one call: its turns, how long each of its parts took, what its tools and providers did."""

from __future__ import annotations

import time
from typing import Any

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    MetricsFrame,
    OutputTransportMessageUrgentFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.metrics.metrics import TTFBMetricsData
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService

from pipecat_runner._observe.samples import Samples
from pipecat_runner._parts.seat import Seat

_LATENCIES = {"stt": "stt_seconds", "llm": "llm_first_token_seconds", "tts": "tts_first_audio_seconds"}
_ERROR_LABELS = ("part", "provider", "kind", "action")


class CallMeter(BaseObserver):
    """Watches a pipeline, and what the daemon is told."""

    def __init__(self, samples: Samples) -> None:
        """Count into these."""
        super().__init__(observe_every_push=False)
        self._samples = samples
        self._silent_since: float | None = None
        self._bot_speaks = False
        self._tools: dict[str, float] = {}

    async def on_push_frame(self, data: FramePushed) -> None:
        """Count a frame. Those that go both ways are counted on their way down."""
        if isinstance(data.frame, MetricsFrame):
            self._take_metrics(data.frame, data.source)
        elif data.direction is FrameDirection.DOWNSTREAM:
            self._take(data.frame)

    def told(self, frame: Frame) -> None:
        """Count what the daemon is told outside the pipeline: failures of providers."""
        if not isinstance(frame, OutputTransportMessageUrgentFrame) or not isinstance(frame.message, dict):
            return
        data = frame.message.get("data")
        if isinstance(data, dict) and data.get("t") == "provider-error":
            failure: dict[str, Any] = data["d"]
            self._samples.add("provider_errors", 1, **{name: str(failure.get(name, "")) for name in _ERROR_LABELS})

    def _take(self, frame: Frame) -> None:
        match frame:
            case VADUserStartedSpeakingFrame():
                self._silent_since = None
            case VADUserStoppedSpeakingFrame():
                self._silent_since = frame.timestamp - frame.stop_secs
            case UserStoppedSpeakingFrame():
                self._samples.add("turns")
            case BotStartedSpeakingFrame():
                self._bot_speaks = True
                if self._silent_since is not None:
                    self._samples.add("first_audio_seconds", time.time() - self._silent_since)
                    self._silent_since = None
            case BotStoppedSpeakingFrame():
                self._bot_speaks = False
            case InterruptionFrame():
                if self._bot_speaks:
                    self._bot_speaks = False
                    self._samples.add("interruptions")
            case FunctionCallInProgressFrame():
                self._tools[frame.tool_call_id] = time.monotonic()
            case FunctionCallResultFrame():
                if frame.properties is None or frame.properties.is_final:
                    self._tool_ended(frame.tool_call_id, _outcome(frame))
            case FunctionCallCancelFrame():
                # The model is asked to go on only where it was the deadline that ended the call.
                self._tool_ended(frame.tool_call_id, "timed_out" if frame.run_llm else "cancelled")

    def _take_metrics(self, frame: MetricsFrame, source: FrameProcessor) -> None:
        name = _LATENCIES.get(_part(source))
        for data in frame.data if name is not None else ():
            # Each service announces itself with a zero.
            if name is not None and isinstance(data, TTFBMetricsData) and data.value > 0:
                self._samples.add(name, data.value, service=data.processor.partition("#")[0])

    def _tool_ended(self, tool_call_id: str, outcome: str) -> None:
        began = self._tools.pop(tool_call_id, None)
        if began is not None:
            self._samples.add("tool_calls", outcome=outcome)
            self._samples.add("tool_seconds", time.monotonic() - began)


def _outcome(frame: FunctionCallResultFrame) -> str:
    status = frame.result.get("status") if isinstance(frame.result, dict) else None
    if frame.error or status == "error":
        return "failed"
    return {"timeout": "timed_out", "cancelled": "cancelled"}.get(str(status), "completed")


def _part(source: FrameProcessor) -> str:
    """What a processor does: what a seat's service pushes is seen as the seat's."""
    if isinstance(source, Seat):
        return source.part
    if isinstance(source, LLMService):
        return "llm"
    return "stt" if isinstance(source, STTService) else "tts" if isinstance(source, TTSService) else ""
