package org.pipecatmanager.load;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Durations, as many as were measured, and their percentiles. Not thread-safe. */
final class Samples {
    private long[] nanos;
    private int size;
    private boolean sorted;

    /** Room for so many; more allocate. */
    Samples(int capacity) {
        nanos = new long[Math.max(1, capacity)];
    }

    void add(long duration) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * size);
        }
        nanos[size++] = duration;
        sorted = false;
    }

    void addAll(Samples others) {
        for (int i = 0; i < others.size; i++) {
            add(others.nanos[i]);
        }
    }

    /** Those from {@code from} to before {@code to}, in the order in which they were added: before any percentile. */
    void addAll(Samples others, int from, int to) {
        for (int i = from; i < to; i++) {
            add(others.nanos[i]);
        }
    }

    int size() {
        return size;
    }

    /** The smallest value that at least this share of all does not exceed, milliseconds; NaN without any. */
    double percentile(double share) {
        if (size == 0) {
            return Double.NaN;
        }
        if (!sorted) {
            Arrays.sort(nanos, 0, size);
            sorted = true;
        }
        int rank = (int) Math.ceil(share * size);
        return millis(nanos[Math.clamp(rank - 1, 0, size - 1)]);
    }

    double max() {
        return percentile(1);
    }

    /** The share of durations below this one; NaN without any. */
    double shareBelow(long duration) {
        return size == 0
                ? Double.NaN
                : (double) Arrays.stream(nanos, 0, size)
                                .filter(n -> n < duration)
                                .count()
                        / size;
    }

    static double millis(long nanos) {
        return nanos / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
