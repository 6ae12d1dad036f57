package org.pipecatmanager.daemon.runner;

import java.time.Duration;

/**
 * How long to wait before a process that ended is started again: doubled each time, from the start again after a run that
 * lasted.
 *
 * @param first   before the second start
 * @param longest never longer
 * @param lasting a run of this length counts as one that worked
 */
record Backoff(Duration first, Duration longest, Duration lasting) {
    /** Half a second to half a minute; a minute's run counts. */
    static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(1));

    Duration after(Duration previous, Duration ran) {
        if (previous.isZero() || ran.compareTo(lasting) >= 0) {
            return first;
        }
        Duration doubled = previous.multipliedBy(2);
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
