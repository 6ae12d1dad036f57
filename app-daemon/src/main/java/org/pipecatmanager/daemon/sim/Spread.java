package org.pipecatmanager.daemon.sim;

import java.util.Arrays;

/** Collects durations and gives percentiles. Not thread safe. */
final class Spread {
    private long[] values = new long[1024];
    private int count;

    void add(long nanos) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = nanos;
    }

    void addAll(Spread other) {
        for (int i = 0; i < other.count; i++) {
            add(other.values[i]);
        }
    }

    int count() {
        return count;
    }

    /** The value that the given part of all values does not exceed, milliseconds; 0 when empty. */
    double millis(double part) {
        if (count == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        int index = (int) Math.ceil(part * count) - 1;
        return Math.round(sorted[Math.clamp(index, 0, count - 1)] / 1e4) / 100.0;
    }

    double maxMillis() {
        return millis(1);
    }
}
