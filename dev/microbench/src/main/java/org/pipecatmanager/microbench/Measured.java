package org.pipecatmanager.microbench;

import java.util.Objects;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark gave.
 *
 * @param nanos per operation, the mean of all iterations
 * @param error half the width of the 99.9 % confidence interval of that, nanoseconds; 0 where there were too few iterations
 *     for one
 * @param bytes allocated per operation, as the virtual machine counts them for all its threads
 */
record Measured(double nanos, double error, double bytes) {
    private static final String BYTES = "gc.alloc.rate.norm";

    static Measured of(RunResult result) {
        Result<?> time = result.getPrimaryResult();
        Result<?> bytes = Objects.requireNonNull(
                result.getSecondaryResults().get(BYTES), BYTES + " is missing: the profiler gc did not run");
        double error = time.getScoreError();
        return new Measured(
                rounded(time.getScore(), 10),
                Double.isNaN(error) ? 0 : rounded(error, 10),
                rounded(bytes.getScore(), 1_000));
    }

    private static double rounded(double value, int unitsOfOne) {
        return (double) Math.round(value * unitsOfOne) / unitsOfOne;
    }
}
