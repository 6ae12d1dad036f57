package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Durations by label as the platform's dashboards have them: in milliseconds, with its buckets. Safe for all threads.
 *
 * <p>Labels come from fixed tables, never from what strangers send: each combination is kept for ever.
 */
final class MillisHistogram {
    private static final double NANOS_PER_MILLI = 1e6;
    /** The platform's, milliseconds. */
    private static final long[] BOUNDS = {50, 100, 500, 1_000, 3_000};

    private final String name;
    private final String help;
    private final Map<Labels, Buckets> byLabels = new ConcurrentHashMap<>();

    MillisHistogram(String name, String help) {
        this.name = name;
        this.help = help;
    }

    void observe(Labels labels, Duration took) {
        byLabels.computeIfAbsent(labels, unknown -> new Buckets(NANOS_PER_MILLI, BOUNDS))
                .observe(took.toNanos());
    }

    HistogramSnapshot snapshot() {
        HistogramSnapshot.Builder builder =
                HistogramSnapshot.builder().name(name).help(help);
        byLabels.forEach((labels, buckets) -> builder.dataPoint(buckets.dataPoint(labels)));
        return builder.build();
    }
}
