package org.pipecatmanager.ports.out;

import java.time.Instant;

/** The two clocks. Safe for all threads. */
public interface TimeSource {
    /** Wall clock, for records. */
    Instant now();

    /** Monotonic clock, nanoseconds, for intervals. */
    long nanoTime();
}
