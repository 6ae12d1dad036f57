package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.out.StoreMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the journal's writer has come, and whether it gets on. Safe for all threads. */
final class JournalProgress {
    private static final Logger LOG = LoggerFactory.getLogger(JournalProgress.class);

    private final StoreMeter meter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long settled;
    private String problem = "";

    JournalProgress(StoreMeter meter) {
        this.meter = meter;
        meter.reachable(true);
    }

    /** Everything up to this number is written or given up. */
    void settled(long number) {
        lock.lock();
        try {
            settled = Math.max(settled, number);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The database takes what it is given. */
    void up() {
        tell("");
    }

    /** It does not. */
    void away(String reason) {
        tell(reason);
    }

    private void tell(String now) {
        lock.lock();
        try {
            if (problem.equals(now)) {
                return;
            }
            if (problem.isEmpty() != now.isEmpty()) {
                meter.reachable(now.isEmpty());
            }
            problem = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (now.isEmpty()) {
            LOG.info("the database takes records and events again");
        } else {
            LOG.warn("records and events wait in the spool: {}", now);
        }
    }

    boolean isUp() {
        lock.lock();
        try {
            return problem.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until everything up to a number is settled; ends early when the database is away.
     *
     * @return whether it is
     */
    boolean await(long number, Duration patience) {
        boolean interrupted = false;
        boolean reached;
        long left = patience.toNanos();
        lock.lock();
        try {
            while (settled < number && problem.isEmpty() && left > 0 && !interrupted) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            reached = settled >= number;
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return reached;
    }
}
