package org.pipecatmanager.adapter.mysql;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;

/**
 * Entries that wait in memory to be written, in order; "journal queue" in logs.
 *
 * <p><b>Bounds.</b> By number and by estimated bytes. Deltas of a generation may use half of the places and are then dropped
 * and counted; everything else waits briefly for room and is then refused.
 *
 * <p><b>Threads.</b> Any thread puts, one takes. What is taken stays here, and counts, until it is removed.
 */
final class JournalQueue {
    /** How long a session's thread waits for room: what writing a batch to the spool takes. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final int maxEntries;
    private final long maxBytes;
    private final Overlay overlay;
    private final StoreMeter meter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition room = lock.newCondition();
    /** Guarded by {@code lock}, as everything below. */
    private final ArrayDeque<Stamped> entries = new ArrayDeque<>();

    private long bytes;
    private long lastNumber;
    private long lastLasting;
    private boolean closed;

    JournalQueue(int maxEntries, long maxBytes, Overlay overlay, StoreMeter meter) {
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
        this.overlay = overlay;
        this.meter = meter;
    }

    /**
     * Appends.
     *
     * @throws StoreException there is no room, or the queue is closed
     */
    void put(JournalEntry entry) {
        int weight = entry.weight();
        lock.lock();
        try {
            if (entry.droppable() && !closed && (2 * entries.size() >= maxEntries || !hasRoom(weight))) {
                meter.intermediatesDropped(1);
                return;
            }
            awaitRoom(entry, weight);
            var stamped = new Stamped(++lastNumber, entry);
            if (!entry.droppable()) {
                lastLasting = lastNumber;
            }
            entries.addLast(stamped);
            bytes += weight;
            overlay.put(stamped);
            arrived.signalAll();
            meter.queued(entries.size(), bytes);
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(JournalEntry entry, int weight) {
        boolean interrupted = false;
        long left = PATIENCE_NANOS;
        try {
            while (!closed && !hasRoom(weight) && left > 0) {
                try {
                    left = room.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (closed) {
            throw new StoreException(
                    "the journal is closed: one more " + entry.kind() + " of call " + entry.call()
                            + " came after it; end the calls first",
                    null);
        }
        if (!hasRoom(weight)) {
            meter.overloaded();
            throw new StoreException(
                    "one more " + entry.kind() + " of call " + entry.call() + " cannot be kept: " + entries.size()
                            + " entries of at most " + maxEntries + " and about " + bytes + " bytes of at most "
                            + maxBytes
                            + " wait, and neither database nor spool takes them; bring the database back or give DATA_DIR"
                            + " room",
                    null);
        }
    }

    /** An entry larger than the bound is taken when it is alone. */
    private boolean hasRoom(int weight) {
        return entries.isEmpty() || (entries.size() < maxEntries && bytes + weight <= maxBytes);
    }

    /** Waits until there are more than {@code seen}, the queue is closed, or the time is over. */
    void awaitMore(int seen, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (entries.size() <= seen && !closed && left > 0) {
                left = arrived.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The oldest entries, which stay. */
    List<Stamped> first(int limit) {
        lock.lock();
        try {
            var first = new ArrayList<Stamped>(Math.min(limit, entries.size()));
            for (var entry : entries) {
                if (first.size() == limit) {
                    break;
                }
                first.add(entry);
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Removes the oldest entries: they are written, spooled or dropped. */
    void remove(int count) {
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                Stamped gone = entries.pollFirst();
                if (gone != null) {
                    bytes -= gone.entry().weight();
                }
            }
            room.signalAll();
            meter.queued(entries.size(), bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return size() == 0;
    }

    /** Whether it is more than half full: the database is slower than the calls, and the disk should help. */
    boolean isCrowded() {
        lock.lock();
        try {
            return entries.size() > maxEntries / 2 || bytes > maxBytes / 2;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    /** The number of the entry put last that is not droppable, 0 before the first. */
    long lastLasting() {
        lock.lock();
        try {
            return lastLasting;
        } finally {
            lock.unlock();
        }
    }
}
