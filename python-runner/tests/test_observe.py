"""What an operator sees of calls: counts on one page, spans in the daemon's trace, and nothing that was said."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    OutputTransportMessageUrgentFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.observers.base_observer import FramePushed
from pipecat.processors.filters.identity_filter import IdentityFilter
from pipecat.processors.frame_processor import FrameDirection

from pipecat_runner._observe.meter import CallMeter
from pipecat_runner._observe.meters import Meters
from pipecat_runner._observe.samples import Samples
from pipecat_runner._observe.table import METRICS
from pipecat_runner._settings import VARIABLES
from tests.support.peer import Peer
from tests.support.service import Service, wait_until
from tests.support.services import LlmServer, Say

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER_SPAN = "b7ad6b7169203331"
SECRETS = ("swordfish", "marmalade", "hippopotamus")


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """An OTLP receiver: its address, and the spans it was sent."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", spans
        finally:
            server.shutdown()
            thread.join()


def talk(service: Service, peer: Peer, base_url: str) -> None:
    llm = {"type": "openai_compatible", "model": "scripted", "base_url": base_url}
    agent = {"llm": llm, "prompt": f"never say {SECRETS[0]}"}
    traceparent = f"00-{TRACE_ID}-{CALLER_SPAN}-01"
    answer = service.run(peer, "call-1", agent=agent, traceparent=traceparent)
    assert answer.status_code == 200, answer.text
    peer.client_ready()
    peer.say(f"what is {SECRETS[1]}")
    peer.wait_for_message("bot-llm-stopped")
    assert service.stop("call-1").status_code == 200


def test_a_call_is_counted_and_its_spans_join_the_trace_of_the_daemon_without_what_was_said() -> None:
    model = LlmServer(lambda _: Say(f"A {SECRETS[2]}."))
    with (
        model,
        collector() as (endpoint, spans),
        Service(RUNNER_WORKERS="1", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_BSP_SCHEDULE_DELAY="100") as service,
        Peer() as peer,
    ):
        talk(service, peer, model.base_url)
        wait_until(lambda: service.metric("calls_ended_total", reason="stopped") == 1, "the report after the call")
        page = service.http.get("/metrics").text
        counted = {
            name: service.metric(name)
            for name in ("calls_started_total", "setup_seconds_count", "llm_first_token_seconds_count")
        }
        wait_until(lambda: any(span.name == "conversation" for span in spans), "the span of the call")

    assert counted == {"calls_started_total": 1, "setup_seconds_count": 1, "llm_first_token_seconds_count": 1}
    by_name = {span.name: span for span in spans}
    assert {"conversation", "turn", "llm"} <= by_name.keys()
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    assert by_name["conversation"].parent_span_id.hex() == CALLER_SPAN
    assert by_name["turn"].parent_span_id == by_name["conversation"].span_id
    assert by_name["llm"].parent_span_id in {span.span_id for span in spans if span.name == "turn"}
    told = page + "".join(str(span) for span in spans)
    assert not [secret for secret in SECRETS if secret in told]
    assert "call-1" in told


def test_what_was_said_is_traced_where_it_is_asked_for() -> None:
    model = LlmServer(lambda _: Say(f"A {SECRETS[2]}."))
    with (
        model,
        collector() as (endpoint, spans),
        Service(RUNNER_WORKERS="1", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, RUNNER_TRACE_CONTENT="1") as service,
        Peer() as peer,
    ):
        talk(service, peer, model.base_url)

    # The worker sends what is left when it ends.
    assert all(secret in "".join(str(span) for span in spans) for secret in SECRETS)


async def counted(*frames: Frame) -> str:
    """The page after these frames went down a pipeline."""
    samples = Samples()
    meter, part = CallMeter(samples), IdentityFilter()
    for frame in frames:
        await meter.on_push_frame(FramePushed(part, part, frame, FrameDirection.DOWNSTREAM, 0))
        await meter.on_push_frame(FramePushed(part, part, frame, FrameDirection.UPSTREAM, 0))
    meters = Meters()
    meters.apply(samples.take())
    return meters.page().decode()


async def test_an_answer_is_timed_from_the_end_of_the_caller_s_voice() -> None:
    stopped = VADUserStoppedSpeakingFrame(stop_secs=0.2, timestamp=time.time() - 0.4)
    page = await counted(stopped, BotStartedSpeakingFrame(), BotStoppedSpeakingFrame(), BotStartedSpeakingFrame())

    assert "pipecat_runner_first_audio_seconds_count 1.0" in page
    assert 'pipecat_runner_first_audio_seconds_bucket{le="0.5"} 0.0' in page
    assert 'pipecat_runner_first_audio_seconds_bucket{le="0.75"} 1.0' in page


async def test_only_a_bot_that_speaks_is_interrupted() -> None:
    page = await counted(InterruptionFrame(), BotStartedSpeakingFrame(), InterruptionFrame(), InterruptionFrame())

    assert "pipecat_runner_interruptions_total 1.0" in page


async def test_tools_are_counted_by_how_they_ended() -> None:
    def begins(number: str) -> Frame:
        return FunctionCallInProgressFrame("f", number, {})

    page = await counted(
        *(begins("1"), FunctionCallResultFrame("f", "1", {}, "fine")),
        *(begins("2"), FunctionCallResultFrame("f", "2", {}, None, error="no")),
        *(begins("3"), FunctionCallCancelFrame("f", "3", run_llm=True)),
        *(begins("4"), FunctionCallCancelFrame("f", "4", run_llm=False)),
    )

    for outcome in ("completed", "failed", "timed_out", "cancelled"):
        assert f'pipecat_runner_tool_calls_total{{outcome="{outcome}"}} 1.0' in page
    assert "pipecat_runner_tool_seconds_count 4.0" in page


def test_failures_of_providers_are_counted_as_the_daemon_is_told_of_them() -> None:
    samples, meters = Samples(), Meters()
    failure = {"part": "llm", "provider": "openai", "kind": "stall", "action": "retried", "message": "nothing came"}
    message = {"label": "rtvi-ai", "type": "server-message", "data": {"t": "provider-error", "d": failure}}
    CallMeter(samples).told(OutputTransportMessageUrgentFrame(message=message))
    meters.apply(samples.take())

    labels = 'action="retried",kind="stall",part="llm",provider="openai"'
    assert f"pipecat_runner_provider_errors_total{{{labels}}} 1.0" in meters.page().decode()


def test_samples_are_bounded_and_tell_what_they_lost() -> None:
    samples, meters = Samples(), Meters()
    for _ in range(20_010):
        samples.add("turns")
    meters.apply(samples.take())

    assert "pipecat_runner_turns_total 20000.0" in meters.page().decode()
    assert "pipecat_runner_samples_lost_total 10.0" in meters.page().decode()


def test_every_metric_and_every_setting_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()

    assert not [name for name in (*METRICS, *VARIABLES.values()) if f"`{name}`" not in readme]
