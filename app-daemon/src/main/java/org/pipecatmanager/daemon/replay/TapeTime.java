package org.pipecatmanager.daemon.replay;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.TimeSource;

/** The clocks of a tape: they stand still until the next entry, and alarms ring in between. Its threads take turns; no two at once. */
final class TapeTime implements TimeSource, Alarms {
    private record Pending(long due, long order, Runnable action) {}

    private final Instant begun;
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>(Comparator.comparingLong(Pending::due).thenComparingLong(Pending::order));
    private long nanos;
    private long order;

    /** Clocks that begin with the tape. */
    TapeTime(Instant begun) {
        this.begun = begun;
    }

    @Override
    public synchronized Instant now() {
        return begun.plusNanos(nanos);
    }

    @Override
    public synchronized long nanoTime() {
        return nanos;
    }

    @Override
    public synchronized Alarm after(Duration delay, Runnable action) {
        Pending alarm = new Pending(nanos + Math.max(0, delay.toNanos()), order++, action);
        pending.add(alarm);
        return () -> cancel(alarm);
    }

    private synchronized void cancel(Pending alarm) {
        pending.remove(alarm);
    }

    /** Moves on, and runs what is due on the way; earlier than now is now. */
    void advanceTo(long target) {
        for (Pending next = takeDue(target); next != null; next = takeDue(target)) {
            next.action().run();
        }
    }

    private synchronized @Nullable Pending takeDue(long target) {
        Pending next = pending.peek();
        if (next == null || next.due() > target) {
            nanos = Math.max(nanos, target);
            return null;
        }
        nanos = Math.max(nanos, next.due());
        return pending.poll();
    }
}
