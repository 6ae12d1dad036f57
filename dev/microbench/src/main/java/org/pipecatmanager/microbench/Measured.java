package org.pipecatmanager.microbench;

import java.util.Objects;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * What one benchmark gave.
 *
 * @param nanos processor time per operation, the median of all iterations
 * @param spread half of what lies between the fastest and the slowest iteration, nanoseconds
 * @param bytes allocated per operation, as the virtual machine counts them for all its threads
 */
record Measured(double nanos, double spread, double bytes) {
    private static final String BYTES = "gc.alloc.rate.norm";

    static Measured of(RunResult result) {
        Statistics nanos = secondary(result, CpuTime.LABEL).getStatistics();
        return new Measured(
                rounded(nanos.getPercentile(50), 10),
                rounded((nanos.getMax() - nanos.getMin()) / 2, 10),
                rounded(secondary(result, BYTES).getScore(), 1_000));
    }

    private static Result<?> secondary(RunResult result, String label) {
        return Objects.requireNonNull(
                result.getSecondaryResults().get(label), label + " is missing: its profiler did not run");
    }

    private static double rounded(double value, int unitsOfOne) {
        return (double) Math.round(value * unitsOfOne) / unitsOfOne;
    }
}
