package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.concurrent.atomic.LongAdder;

/** Durations in fixed buckets. Observing is a search among a few bounds and two additions. Safe for all threads. */
final class Histogram {
    private static final double NANOS_PER_SECOND = 1e9;

    private final String name;
    private final String help;
    private final long[] boundsNanos;
    private final LongAdder[] buckets;
    private final LongAdder sumNanos = new LongAdder();

    /**
     * Makes an empty one.
     *
     * @param boundsMillis upper bounds, ascending
     */
    Histogram(String name, String help, long... boundsMillis) {
        this.name = name;
        this.help = help;
        boundsNanos = new long[boundsMillis.length];
        buckets = new LongAdder[boundsMillis.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
            if (i < boundsMillis.length) {
                boundsNanos[i] = boundsMillis[i] * 1_000_000;
            }
        }
    }

    void observe(long nanos) {
        int bucket = 0;
        while (bucket < boundsNanos.length && nanos > boundsNanos[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        sumNanos.add(nanos);
    }

    HistogramSnapshot snapshot() {
        ClassicHistogramBuckets.Builder counts = ClassicHistogramBuckets.builder();
        for (int i = 0; i < buckets.length; i++) {
            double bound = i < boundsNanos.length ? boundsNanos[i] / NANOS_PER_SECOND : Double.POSITIVE_INFINITY;
            counts.bucket(bound, buckets[i].sum());
        }
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(counts.build())
                        .sum(sumNanos.sum() / NANOS_PER_SECOND)
                        .build())
                .build();
    }
}
