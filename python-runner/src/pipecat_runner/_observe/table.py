"""Every metric by name: what it counts, and by which labels. The README tells what to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_LATENCY_SECS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_SETUP_SECS = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_TOOL_SECS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; its name on the page is ``pipecat_runner_`` and its name here."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


METRICS = {
    "calls": Metric("gauge", "Calls being set up or running.", ("worker",)),
    "calls_started": Metric("counter", "Calls whose pipeline ran."),
    "calls_ended": Metric("counter", "Calls that had started and have ended, by why.", ("reason",)),
    "refusals": Metric("counter", "Requests to start a call that were not met, by why.", ("cause",)),
    "setup_seconds": Metric("histogram", "From /run to a pipeline that runs.", (), _SETUP_SECS),
    "turns": Metric("counter", "Turns of callers and bots together."),
    "interruptions": Metric("counter", "Turns in which the caller interrupted the bot."),
    "first_audio_seconds": Metric(
        "histogram", "From the end of the caller's speech to the first sound of the answer.", (), _LATENCY_SECS
    ),
    "stt_seconds": Metric("histogram", "From the end of speech to its transcript.", ("service",), _LATENCY_SECS),
    "llm_first_token_seconds": Metric(
        "histogram", "From the request to a language model to its first token.", ("service",), _LATENCY_SECS
    ),
    "tts_first_audio_seconds": Metric(
        "histogram", "From a text to the first sound of its voice.", ("service",), _LATENCY_SECS
    ),
    "provider_errors": Metric(
        "counter", "Failures of providers, and what was done.", ("part", "provider", "kind", "action")
    ),
    "tool_calls": Metric("counter", "Calls of tools, by how they ended.", ("outcome",)),
    "tool_seconds": Metric("histogram", "From a tool's call to its result.", (), _TOOL_SECS),
    "loop_lag_seconds": Metric(
        "gauge", "How late a worker's event loop is, 95th percentile of the last 3 s.", ("worker",)
    ),
    "worker_cpu_cores": Metric("gauge", "CPU a worker and its Piper take.", ("worker",)),
    "resident_bytes": Metric("gauge", "Memory of a process; worker 0 is the parent.", ("worker",)),
    "cpu_share": Metric("gauge", "CPU all workers take, as a share of the machine."),
    "memory_share": Metric("gauge", "Memory of the machine, or of the container's limit, in use, 0 to 1."),
    "workers": Metric("gauge", "Worker processes by state.", ("state",)),
    "worker_restarts": Metric("counter", "Workers that were replaced, by why.", ("cause",)),
    "samples_lost": Metric("counter", "Samples a worker could not keep until its next report."),
}
