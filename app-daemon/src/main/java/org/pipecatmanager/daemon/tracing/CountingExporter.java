package org.pipecatmanager.daemon.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what another exporter sends and what it cannot, and says when that changes. */
final class CountingExporter implements SpanExporter {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpSpans.class);

    private final SpanExporter exporter;
    private final String destination;
    private final AtomicBoolean away = new AtomicBoolean();
    private final LongAdder sent = new LongAdder();
    private final LongAdder lost = new LongAdder();

    CountingExporter(SpanExporter exporter, String destination) {
        this.exporter = exporter;
        this.destination = destination;
    }

    long sent() {
        return sent.sum();
    }

    long lost() {
        return lost.sum();
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> {
            if (result.isSuccess()) {
                sent.add(count);
                if (away.getAndSet(false)) {
                    LOG.info("{} takes spans again", destination);
                }
            } else {
                lost.add(count);
                if (!away.getAndSet(true)) {
                    LOG.warn(
                            "{} does not take spans; they are lost until it does, calls go on: is a collector there, and does"
                                    + " it listen for OTLP over HTTP?",
                            destination);
                }
            }
        });
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
