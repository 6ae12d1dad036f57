package org.pipecatmanager.load;

/**
 * Percentiles, milliseconds.
 *
 * @param count of how many
 */
record Spread(int count, double p50, double p99, double p999, double max) {
    static Spread of(Samples samples) {
        return new Spread(
                samples.size(),
                samples.percentile(0.5),
                samples.percentile(0.99),
                samples.percentile(0.999),
                samples.max());
    }

    /** Everything later by so much. */
    Spread plus(double millis) {
        return new Spread(count, p50 + millis, p99 + millis, p999 + millis, max + millis);
    }
}
