package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.fail;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Counts, and waits for counts. */
final class TestMeter implements ConnectionMeter {
    final AtomicInteger opened = new AtomicInteger();
    private final Map<String, AtomicInteger> closed = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> dropped = new ConcurrentHashMap<>();

    @Override
    public void opened() {
        opened.incrementAndGet();
    }

    @Override
    public void closed(String reason) {
        closed.computeIfAbsent(reason, key -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void dropped(String what) {
        dropped.computeIfAbsent(what, key -> new AtomicInteger()).incrementAndGet();
    }

    int closed() {
        return closed.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    int closedAs(String reason) {
        AtomicInteger count = closed.get(reason);
        return count == null ? 0 : count.get();
    }

    int droppedOf(String what) {
        AtomicInteger count = dropped.get(what);
        return count == null ? 0 : count.get();
    }

    /** Waits until every connection that was opened is closed, {@code expected} of them. */
    void awaitAllClosed(int expected) {
        await(() -> opened.get() == expected && closed() == expected, () -> "opened " + opened + ", closed " + closed);
    }

    void awaitClosedAs(String reason, int expected) {
        await(
                () -> closedAs(reason) == expected,
                () -> expected + " closed as " + reason + " were expected; closed " + closed);
    }

    void awaitDropped(String what, int atLeast) {
        await(() -> droppedOf(what) >= atLeast, () -> "dropped " + dropped);
    }

    static void await(java.util.function.BooleanSupplier condition, java.util.function.Supplier<String> state) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                fail("not within 20 s: " + state.get());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
