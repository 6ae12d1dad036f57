package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.out.Outbox;
import org.pipecatmanager.ports.out.StoreException;

/** An outbox in a list: lasting entries come until they are removed, the others once. Safe for all threads. */
final class ListOutbox implements Outbox {
    final AtomicInteger refusals = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();

    @GuardedBy("lock")
    private final List<OutboxEntry> entries = new ArrayList<>();

    @GuardedBy("lock")
    private boolean away;

    void add(OutboxEntry entry) {
        lock.lock();
        try {
            entries.add(entry);
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the store behind it cannot be reached. */
    void away(boolean nowAway) {
        lock.lock();
        try {
            away = nowAway;
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

    @Override
    public List<OutboxEntry> peek(int limit, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            refuseWhenAway();
            while (entries.isEmpty() && left > 0) {
                left = added.awaitNanos(left);
            }
            var oldest = List.copyOf(entries.subList(0, Math.min(limit, entries.size())));
            entries.removeIf(entry -> !entry.lasting() && oldest.contains(entry));
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void remove(Collection<OutboxEntry> removed) {
        lock.lock();
        try {
            refuseWhenAway();
            entries.removeAll(new HashSet<>(removed));
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void refuseWhenAway() {
        if (away) {
            refusals.incrementAndGet();
            throw new StoreException("the test took the store away", null);
        }
    }
}
