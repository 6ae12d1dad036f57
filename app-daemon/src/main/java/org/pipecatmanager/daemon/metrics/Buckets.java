package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.atomic.LongAdder;

/**
 * Durations counted in fixed buckets. Observing is a search among a few bounds and two additions. Safe for all threads.
 *
 * @see Histogram
 */
final class Buckets {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final double nanosPerUnit;
    private final long[] boundsNanos;
    private final LongAdder[] counts;
    private final LongAdder sumNanos = new LongAdder();

    /**
     * Makes empty ones.
     *
     * @param nanosPerUnit of what is scraped
     * @param boundsMillis upper bounds, ascending
     */
    Buckets(double nanosPerUnit, long[] boundsMillis) {
        this.nanosPerUnit = nanosPerUnit;
        boundsNanos = new long[boundsMillis.length];
        counts = new LongAdder[boundsMillis.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
            if (i < boundsMillis.length) {
                boundsNanos[i] = boundsMillis[i] * NANOS_PER_MILLI;
            }
        }
    }

    void observe(long nanos) {
        int bucket = 0;
        while (bucket < boundsNanos.length && nanos > boundsNanos[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sumNanos.add(nanos);
    }

    HistogramDataPointSnapshot dataPoint(Labels labels) {
        ClassicHistogramBuckets.Builder builder = ClassicHistogramBuckets.builder();
        for (int i = 0; i < counts.length; i++) {
            double bound = i < boundsNanos.length ? boundsNanos[i] / nanosPerUnit : Double.POSITIVE_INFINITY;
            builder.bucket(bound, counts[i].sum());
        }
        return HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(builder.build())
                .sum(sumNanos.sum() / nanosPerUnit)
                .build();
    }
}
