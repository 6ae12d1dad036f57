package org.pipecatmanager.domain.rounds;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.Alarms.Alarm;

/**
 * Does one piece of work again and again: each round on a new thread, the next one a pause after the last has ended, never
 * two at once.
 *
 * <p><b>Threads.</b> Safe for all. A round may block; {@link #close()} must not be called by one.
 */
public final class Rounds implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Rounds.class.getPackageName());
    /** After a round that failed for a defect of ours. */
    private static final Duration DEFECT_PAUSE = Duration.ofSeconds(5);
    /** How long an end waits for a round. What a round asks of the world is bounded by deadlines of the same order. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** One round. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it.
         *
         * @return the pause before the next round
         */
        Duration run();
    }

    private final String name;
    private final Alarms alarms;
    private final Threads threads;
    private final Work work;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    /** Guarded by {@code lock}, as are the others. */
    private @Nullable Alarm next;

    private boolean started;
    private boolean running;
    private boolean closed;

    /**
     * Prepares rounds.
     *
     * @param name of the threads, for those who read a thread dump
     */
    public Rounds(String name, Alarms alarms, Threads threads, Work work) {
        this.name = name;
        this.alarms = alarms;
        this.threads = threads;
        this.work = work;
    }

    /** Begins the first round at once; a second start is a no-op. */
    public void start() {
        lock.lock();
        try {
            if (started || closed) {
                return;
            }
            started = true;
            running = true;
        } finally {
            lock.unlock();
        }
        threads.start(name, this::round);
    }

    /** Whether no round begins any more. Long rounds ask, and end early. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** No round begins any more; waits at most five seconds for the one that runs. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel();
                next = null;
            }
            long left = PATIENCE.toNanos();
            while (running && left > 0) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            next = null;
            running = true;
        } finally {
            lock.unlock();
        }
        threads.start(name, this::round);
    }

    private void round() {
        Duration pause = DEFECT_PAUSE;
        try {
            pause = work.run();
        } catch (RuntimeException e) {
            // The message may hold anything; kind and place are enough to find the defect.
            StackTraceElement[] trace = e.getStackTrace();
            String place = trace.length == 0 ? "an unknown place" : trace[0].toString();
            LOG.log(Level.ERROR, name + " failed with " + e.getClass().getName() + " at " + place);
        } finally {
            ended(pause);
        }
    }

    private void ended(Duration pause) {
        lock.lock();
        try {
            running = false;
            idle.signalAll();
            if (!closed) {
                next = alarms.after(pause, this::wake);
            }
        } finally {
            lock.unlock();
        }
    }
}
