package org.pipecatmanager.ports.fake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A list that threads add to and tests wait on. */
final class Recorded<T> {
    /** How long a wait may take before the test fails: far longer than a busy machine needs. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final List<T> items = new ArrayList<>();

    void add(T item) {
        lock.lock();
        try {
            items.add(item);
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    List<T> all() {
        lock.lock();
        try {
            return List.copyOf(items);
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            items.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The first item that matches, waited for. */
    T await(Predicate<? super T> matches, String what) {
        lock.lock();
        try {
            long left = DEADLINE.toNanos();
            while (true) {
                for (T item : items) {
                    if (matches.test(item)) {
                        return item;
                    }
                }
                if (left <= 0) {
                    throw new AssertionError("waited " + DEADLINE + " for " + what + "; there is " + items);
                }
                left = added.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there are at least {@code count} items. */
    List<T> awaitCount(int count, String what) {
        lock.lock();
        try {
            long left = DEADLINE.toNanos();
            while (items.size() < count) {
                if (left <= 0) {
                    throw new AssertionError(
                            "waited " + DEADLINE + " for " + count + " " + what + "; there is " + items);
                }
                left = added.awaitNanos(left);
            }
            return List.copyOf(items);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }
}
