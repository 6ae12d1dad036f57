package org.pipecatmanager.ports.fake;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;

/** Leases on the test's clock; they can be made unreachable, and lost as by a server that starts empty. */
public final class FakeHostLeases implements HostLeases {
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HostInstance, Long> untilNanos = new HashMap<>();
    private boolean away;

    public FakeHostLeases(TimeSource time) {
        this.time = time;
    }

    /** Whether nobody can reach the leases from now on; they run out all the same. */
    public void away(boolean now) {
        locked(() -> away = now);
    }

    /** Forgets every lease. */
    public void forgetAll() {
        locked(untilNanos::clear);
    }

    /** Whether that lease is held, also while the leases are away. */
    public boolean holds(HostInstance holder) {
        lock.lock();
        try {
            Long until = untilNanos.get(holder);
            return until != null && until - time.nanoTime() > 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void renew(HostInstance holder, Duration ttl) {
        locked(() -> {
            failIfAway();
            untilNanos.put(holder, time.nanoTime() + ttl.toNanos());
        });
    }

    @Override
    public void release(HostInstance holder) {
        locked(() -> {
            failIfAway();
            untilNanos.remove(holder);
        });
    }

    @Override
    public Set<HostInstance> held(Collection<HostInstance> candidates) {
        var found = new HashSet<HostInstance>();
        locked(() -> {
            failIfAway();
            candidates.stream().filter(this::holds).forEach(found::add);
        });
        return found;
    }

    private void failIfAway() {
        if (away) {
            throw new StoreException("the test's leases cannot be reached", null);
        }
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
