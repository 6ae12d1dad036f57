package org.pipecatmanager.ports.memory;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * Leases of instances in one process. Never throws {@link org.pipecatmanager.ports.out.StoreException}.
 *
 * <p>What ran out is forgotten with the next renewal, so it holds no more than the instances of one lease time.
 */
public final class InMemoryHostLeases implements HostLeases {
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HostInstance, Long> endNanos = new HashMap<>();

    /** Makes one without a lease; leases run out by the monotonic clock of {@code time}. */
    public InMemoryHostLeases(TimeSource time) {
        this.time = time;
    }

    @Override
    public void renew(HostInstance holder, Duration ttl) {
        lock.lock();
        try {
            long now = time.nanoTime();
            endNanos.values().removeIf(end -> end - now <= 0);
            endNanos.put(holder, now + ttl.toNanos());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(HostInstance holder) {
        lock.lock();
        try {
            endNanos.remove(holder);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<HostInstance> held(Collection<HostInstance> candidates) {
        lock.lock();
        try {
            long now = time.nanoTime();
            var held = new LinkedHashSet<HostInstance>();
            for (var candidate : candidates) {
                var end = endNanos.get(candidate);
                if (end != null && end - now > 0) {
                    held.add(candidate);
                }
            }
            return Set.copyOf(held);
        } finally {
            lock.unlock();
        }
    }
}
