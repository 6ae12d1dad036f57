package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;

/** One histogram of durations, in seconds, without labels. Safe for all threads. */
final class Histogram {
    private static final double NANOS_PER_SECOND = 1e9;

    private final String name;
    private final String help;
    private final Buckets buckets;

    /**
     * Makes an empty one.
     *
     * @param boundsMillis upper bounds, ascending
     */
    Histogram(String name, String help, long... boundsMillis) {
        this.name = name;
        this.help = help;
        this.buckets = new Buckets(NANOS_PER_SECOND, boundsMillis);
    }

    void observe(long nanos) {
        buckets.observe(nanos);
    }

    HistogramSnapshot snapshot() {
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(buckets.dataPoint(Labels.EMPTY))
                .build();
    }
}
