package org.pipecatmanager.domain.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * The ids of sessions that were, the latest of them; older ones are found in the store when the record is written.
 *
 * <p><b>Threads.</b> Safe for all; nothing blocks.
 */
final class UsedIds {
    private final int capacity;
    private final Set<PipecatcallId> ids = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<PipecatcallId> oldestFirst = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    UsedIds(int capacity) {
        this.capacity = capacity;
    }

    void add(PipecatcallId id) {
        if (!ids.add(id)) {
            return;
        }
        oldestFirst.add(id);
        if (size.incrementAndGet() > capacity) {
            PipecatcallId oldest = oldestFirst.poll();
            if (oldest != null) {
                ids.remove(oldest);
                size.decrementAndGet();
            }
        }
    }

    boolean contains(PipecatcallId id) {
        return ids.contains(id);
    }
}
