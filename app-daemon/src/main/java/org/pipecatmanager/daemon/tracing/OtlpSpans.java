package org.pipecatmanager.daemon.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.pipecatmanager.daemon.config.TracingConfig;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.TraceContext;

/**
 * Sends spans in batches by OTLP over HTTP. What cannot be sent, or comes faster than it can be, is dropped: no call waits.
 *
 * <p>The ids are the domain's: the same context is in the events and in what other services are told.
 */
public final class OtlpSpans implements SpanExport {
    private static final String SCOPE = "org.pipecatmanager";
    private static final String VERSION =
            Objects.requireNonNullElse(OtlpSpans.class.getPackage().getImplementationVersion(), "unbuilt");
    /** One request, and what a stop waits for the last of them. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    /** Some fifty calls' worth of spans; OpenTelemetry's own number. */
    private static final int MAX_WAITING = 2_048;
    /** Of the 64 bits of a trace's id that decide about it, one is a sign. */
    private static final double HALF = 0x1p63;

    /** The library says what we say better, and in a form of its own. Held, because loggers are forgotten. */
    private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry");

    private final TracingConfig config;
    private final CountingExporter exporter;
    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final FixedIds ids = new FixedIds();

    /** Begins to send. */
    public OtlpSpans(TracingConfig config, HostInstance self) {
        this.config = config;
        LIBRARY.setLevel(Level.OFF);
        OtlpHttpSpanExporterBuilder http = OtlpHttpSpanExporter.builder()
                .setEndpoint(config.traces().toString())
                .setCompression("gzip")
                .setTimeout(DEADLINE);
        config.headers().forEach((name, value) -> http.addHeader(name, value.reveal()));
        exporter = new CountingExporter(http.build(), config.traces().toString());
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(resource(config, self)))
                .setIdGenerator(ids)
                .setSampler(Sampler.alwaysOn())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(MAX_WAITING)
                        .setExporterTimeout(DEADLINE)
                        .build())
                .build();
        tracer = provider.get(SCOPE, VERSION);
    }

    private static Attributes resource(TracingConfig config, HostInstance self) {
        AttributesBuilder resource = Attributes.builder()
                .put("service.name", "pipecat-manager")
                .put("service.version", VERSION)
                .put("service.instance.id", self.instanceId())
                .put("host.id", self.hostId());
        config.resource().forEach(resource::put);
        return resource.build();
    }

    /** The trace's id decides, so that every daemon decides alike. */
    @Override
    public boolean samples(TraceContext begun) {
        long random = Long.parseUnsignedLong(begun.traceId().substring(16), 16) & Long.MAX_VALUE;
        return random < config.share() * HALF;
    }

    @Override
    public boolean records(TraceContext trace) {
        return trace.isSampled();
    }

    @Override
    public void ended(Span span) {
        TraceContext parent = span.parent();
        SpanBuilder builder = tracer.spanBuilder(span.name())
                .setSpanKind(SpanKind.valueOf(span.kind().name()))
                .setStartTimestamp(span.start());
        Context from = parent == null
                ? Context.root()
                : Context.root()
                        .with(io.opentelemetry.api.trace.Span.wrap(contextOf(parent, span.kind() == Span.Kind.SERVER)));
        span.attributes().forEach((name, value) -> put(builder, name, value));
        if (!span.error().isEmpty()) {
            builder.setAttribute("error.type", span.error());
        }
        io.opentelemetry.api.trace.Span made =
                ids.with(span.context(), () -> builder.setParent(from).startSpan());
        if (!span.error().isEmpty()) {
            made.setStatus(StatusCode.ERROR);
        }
        made.end(span.end());
    }

    private static void put(SpanBuilder builder, String name, Object value) {
        switch (value) {
            case Long number -> builder.setAttribute(name, number);
            case Boolean truth -> builder.setAttribute(name, truth);
            default -> builder.setAttribute(name, value.toString());
        }
    }

    private static SpanContext contextOf(TraceContext context, boolean remote) {
        return remote
                ? SpanContext.createFromRemoteParent(
                        context.traceId(), context.spanId(), TraceFlags.getSampled(), TraceState.getDefault())
                : SpanContext.create(
                        context.traceId(), context.spanId(), TraceFlags.getSampled(), TraceState.getDefault());
    }

    @Override
    public long sent() {
        return exporter.sent();
    }

    @Override
    public long lost() {
        return exporter.lost();
    }

    /** Sends what waits, for 5 s at most. */
    @Override
    public void close() {
        provider.shutdown().join(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Gives the ids of the span that this thread makes. */
    private static final class FixedIds implements IdGenerator {
        private static final ThreadLocal<TraceContext> NOW = new ThreadLocal<>();

        io.opentelemetry.api.trace.Span with(TraceContext context, Supplier<io.opentelemetry.api.trace.Span> making) {
            NOW.set(context);
            try {
                return making.get();
            } finally {
                NOW.remove();
            }
        }

        @Override
        public String generateSpanId() {
            return NOW.get().spanId();
        }

        @Override
        public String generateTraceId() {
            return NOW.get().traceId();
        }
    }
}
