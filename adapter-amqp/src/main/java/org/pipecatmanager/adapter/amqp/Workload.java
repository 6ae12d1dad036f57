package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.wire.ControlRoutes.Kind;

/**
 * How much is in work. What changes calls and what reads or ends them have a bound each, so that neither keeps the other out;
 * pings have none. Safe for all threads.
 */
final class Workload {
    private final int limit;
    private final Semaphore changes;
    private final Semaphore others;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();

    @GuardedBy("lock")
    private int deliveries;

    /**
     * Makes one with nothing in work.
     *
     * @param limit of each of the two bounds
     */
    Workload(int limit) {
        this.limit = limit;
        changes = new Semaphore(limit);
        others = new Semaphore(limit);
    }

    int limit() {
        return limit;
    }

    /** A delivery came; it stays until {@link #left()}. */
    void came() {
        lock.lock();
        try {
            deliveries++;
        } finally {
            lock.unlock();
        }
    }

    /** A delivery was dealt with. */
    void left() {
        lock.lock();
        try {
            if (--deliveries == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is here; false when it took longer. */
    boolean awaitIdle(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (deliveries > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            return deliveries == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is room for one more of this kind; if so, {@link #end} follows. */
    boolean begin(Kind kind) {
        return switch (kind) {
            case PING -> true;
            case START, MESSAGE -> changes.tryAcquire();
            case LOOKUP, STOP -> others.tryAcquire();
        };
    }

    void end(Kind kind) {
        switch (kind) {
            case PING -> {}
            case START, MESSAGE -> changes.release();
            case LOOKUP, STOP -> others.release();
        }
    }
}
