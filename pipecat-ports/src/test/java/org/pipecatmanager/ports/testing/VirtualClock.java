package org.pipecatmanager.ports.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * Time that moves only when a test says so.
 *
 * <p><b>Threads.</b> Safe for all. Alarms run on the thread that advances, without a lock held, with both clocks at exactly
 * the moment they were set for.
 *
 * <p>The monotonic clock starts at minus three seconds, as {@link System#nanoTime()} may: code that takes zero or negative
 * values for "not set" shows in tests.
 */
public final class VirtualClock implements TimeSource, Alarms {
    /** What {@link #now()} says first. */
    public static final Instant START = Instant.parse("2026-01-02T03:04:05.000006Z");
    /** What {@link #nanoTime()} says first. */
    public static final long START_NANOS = -3_000_000_000L;

    private record Pending(long dueNanos, long order, Runnable action, AtomicBoolean over) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean advancing = new AtomicBoolean();
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>(Comparator.comparingLong(Pending::dueNanos).thenComparingLong(Pending::order));
    private long elapsedNanos;
    private long order;

    @Override
    public Instant now() {
        return START.plusNanos(elapsed());
    }

    @Override
    public long nanoTime() {
        return START_NANOS + elapsed();
    }

    @Override
    public Alarm after(Duration delay, Runnable action) {
        lock.lock();
        try {
            var alarm = new Pending(elapsedNanos + Math.max(0, delay.toNanos()), order++, action, new AtomicBoolean());
            pending.add(alarm);
            return () -> cancel(alarm);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves time on and runs every alarm that falls due, in order of time, then of setting; also those that alarms set on
     * the way. An alarm with no delay runs at the next advance, which may be of zero.
     *
     * @throws IllegalStateException when called by an alarm or while another thread advances
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time cannot go back by " + by);
        }
        if (!advancing.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "time is being advanced already; one thread at a time, never from an alarm");
        }
        try {
            long target = elapsed() + by.toNanos();
            for (var next = takeDue(target); next != null; next = takeDue(target)) {
                if (next.over().compareAndSet(false, true)) {
                    next.action().run();
                }
            }
        } finally {
            advancing.set(false);
        }
    }

    /** Alarms that are set and neither ran nor were called off. */
    public int pendingAlarms() {
        lock.lock();
        try {
            return pending.size();
        } finally {
            lock.unlock();
        }
    }

    /** The next due alarm with time moved to it, or null with time moved to {@code targetNanos}. */
    private @Nullable Pending takeDue(long targetNanos) {
        lock.lock();
        try {
            var next = pending.peek();
            if (next == null || next.dueNanos() > targetNanos) {
                elapsedNanos = targetNanos;
                return null;
            }
            elapsedNanos = Math.max(elapsedNanos, next.dueNanos());
            return pending.poll();
        } finally {
            lock.unlock();
        }
    }

    private void cancel(Pending alarm) {
        alarm.over().set(true);
        lock.lock();
        try {
            pending.remove(alarm);
        } finally {
            lock.unlock();
        }
    }

    private long elapsed() {
        lock.lock();
        try {
            return elapsedNanos;
        } finally {
            lock.unlock();
        }
    }
}
