"""Traces over OTLP: a span for each call and each turn, with the services' spans below, in the daemon's trace.

Off until ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set. pipecat puts prompts, transcripts and tools' results into its spans;
they are taken out before a span leaves, unless ``RUNNER_TRACE_CONTENT`` is 1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status, set_tracer_provider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

# Of the attributes that are text these hold names; any other may hold what was said. Numbers say nothing.
_NAMES = frozenset(
    {
        "conversation.id",
        "conversation.type",
        "gen_ai.operation.name",
        "gen_ai.output.type",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.system",
        "language",
        "service.name",
        "settings.language",
        "settings.model",
        "settings.voice",
        "turn.type",
        "voice_id",
    }
)


class Tracing:
    """Sends the spans of this process. One per process, because pipecat asks for the process's provider."""

    def __init__(self, *, content: bool, exporter: SpanExporter | None = None) -> None:
        """Begin to send.

        Args:
            content: Leave in what was said.
            exporter: Where to; by default over HTTP to where OpenTelemetry's own variables say.
        """
        exporter = exporter or OTLPSpanExporter()
        self._provider = TracerProvider(resource=Resource.create({"service.name": "pipecat-runner"}))
        self._provider.add_span_processor(BatchSpanProcessor(CallSpans(exporter, content=content)))
        set_tracer_provider(self._provider)

    @contextmanager
    def within(self, traceparent: str | None) -> Iterator[None]:
        """Let spans that begin inside, also in tasks made inside, belong to a trace.

        Args:
            traceparent: W3C trace context; without one, or with one that is none, a trace of their own begins.
        """
        carrier = {"traceparent": traceparent} if traceparent else {}
        token = context.attach(TraceContextTextMapPropagator().extract(carrier))
        try:
            yield
        finally:
            context.detach(token)

    async def close(self) -> None:
        """Send what has not been sent."""
        await asyncio.to_thread(self._provider.shutdown)


class CallSpans(SpanExporter):
    """Passes on the spans of calls, without what was said, and no others: FastAPI makes some of its own."""

    def __init__(self, exporter: SpanExporter, *, content: bool) -> None:
        """Hand them to an exporter.

        Args:
            exporter: Sends them.
            content: Leave in what was said.
        """
        self._exporter = exporter
        self._content = content

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what is pipecat's."""
        wanted = [span for span in spans if _is_pipecat(span)]
        if not wanted:
            return SpanExportResult.SUCCESS
        return self._exporter.export(wanted if self._content else [_bare(span) for span in wanted])

    def shutdown(self) -> None:
        """Pass it on."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Pass it on."""
        return self._exporter.force_flush(timeout_millis)


def _is_pipecat(span: ReadableSpan) -> bool:
    return span.instrumentation_scope is not None and span.instrumentation_scope.name.split(".")[0] == "pipecat"


def _bare(span: ReadableSpan) -> ReadableSpan:
    kept: dict[str, AttributeValue] = {
        name: value
        for name, value in (span.attributes or {}).items()
        if name in _NAMES or isinstance(value, (bool, int, float))
    }
    # Events are exceptions, whose texts quote; that there was one is in the status.
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=kept,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
