package org.pipecatmanager.adapter.audiosocket;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Counts connections by reason, and what was dropped. */
final class CountingMeter implements ConnectionMeter {
    private final AtomicInteger opened = new AtomicInteger();
    private final Map<String, Integer> closed = new ConcurrentHashMap<>();
    private final Map<String, Integer> dropped = new ConcurrentHashMap<>();

    @Override
    public void opened() {
        opened.incrementAndGet();
    }

    @Override
    public void closed(String reason) {
        closed.merge(reason, 1, Integer::sum);
    }

    @Override
    public void dropped(String what) {
        dropped.merge(what, 1, Integer::sum);
    }

    int openedCount() {
        return opened.get();
    }

    int closedCount() {
        return closed.values().stream().mapToInt(Integer::intValue).sum();
    }

    int closedFor(String reason) {
        return closed.getOrDefault(reason, 0);
    }

    int droppedOf(String what) {
        return dropped.getOrDefault(what, 0);
    }

    Map<String, Integer> reasons() {
        return Map.copyOf(closed);
    }
}
