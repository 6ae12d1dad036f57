package org.pipecatmanager.domain.reaper;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * For how long the leases have been within reach. While they are not, and right after, every daemon's lease may have run
 * out with the daemon alive. The same goes for a time in which this process, and perhaps others with it, stood still: a gap
 * between two contacts is an interruption whatever its cause.
 *
 * <p>Moments are of the monotonic clock, nanoseconds. Safe for all threads.
 */
final class Reachability {
    private final long steadyNanos;
    private final long gapNanos;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@code lock}, as are the others; both moments mean nothing while not reachable. */
    private boolean reachable;

    private long since;
    private long last;

    /**
     * Starts out of reach.
     *
     * @param steady how long they must have been within reach
     * @param gap    time between two contacts that is not an interruption yet
     */
    Reachability(Duration steady, Duration gap) {
        steadyNanos = steady.toNanos();
        gapNanos = gap.toNanos();
    }

    void succeeded(long now) {
        lock.lock();
        try {
            if (!reachable || now - last > gapNanos) {
                since = now;
            }
            reachable = true;
            last = now;
        } finally {
            lock.unlock();
        }
    }

    void failed() {
        lock.lock();
        try {
            reachable = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a missing lease means anything now. */
    boolean isSteady(long now) {
        lock.lock();
        try {
            return reachable && now - last <= gapNanos && now - since > steadyNanos;
        } finally {
            lock.unlock();
        }
    }
}
