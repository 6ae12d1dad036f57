package org.pipecatmanager.ports.memory;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.PipecatcallCache;

/** Keeps the records that were used last, up to a limit. Never fails and never blocks on anything but its own lock. */
public final class InMemoryPipecatcallCache implements PipecatcallCache {
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PipecatcallId, Pipecatcall> records = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Makes an empty cache.
     *
     * @param limit records kept, at least 1; beyond it the one that was not used for longest goes
     */
    public InMemoryPipecatcallCache(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a cache of " + limit + " records keeps nothing; use at least 1");
        }
        this.limit = limit;
    }

    @Override
    public Optional<Pipecatcall> get(PipecatcallId id) {
        lock.lock();
        try {
            return Optional.ofNullable(records.get(id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void put(Pipecatcall call) {
        lock.lock();
        try {
            records.merge(call.id(), call, PipecatcallCache::later);
            if (records.size() > limit) {
                var eldest = records.keySet().iterator();
                eldest.next();
                eldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }
}
