package org.pipecatmanager.ports.fake;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.out.StoreException;

/** Calls by the instance that owns them, for any number of daemons under test; it can be made unreachable. */
public final class FakeOrphanedCalls implements OrphanedCalls {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HostInstance, ArrayDeque<Pipecatcall>> owned = new LinkedHashMap<>();
    private final Recorded<Pipecatcall> closed = new Recorded<>();
    private final Recorded<HostInstance> claims = new Recorded<>();
    private volatile boolean away;
    private volatile Runnable beforeClaim = () -> {};

    /** Gives an instance calls; with none it owns events that have not left. */
    public void own(HostInstance owner, Pipecatcall... calls) {
        lock.lock();
        try {
            owned.computeIfAbsent(owner, key -> new ArrayDeque<>()).addAll(Arrays.asList(calls));
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody can reach the store from now on. */
    public void away(boolean now) {
        away = now;
    }

    /** Runs ahead of every claim, on the thread that claims. */
    public void beforeClaim(Runnable action) {
        beforeClaim = action;
    }

    /** Every call that was closed, in order. */
    public List<Pipecatcall> closed() {
        return closed.all();
    }

    /** Whom was claimed from, once per {@link #claim}. */
    public List<HostInstance> claims() {
        return claims.all();
    }

    @Override
    public Set<HostInstance> owners() {
        failIfAway();
        lock.lock();
        try {
            return Set.copyOf(owned.keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Pipecatcall> claim(HostInstance gone, Instant now, int limit) {
        beforeClaim.run();
        failIfAway();
        claims.add(gone);
        var page = new ArrayList<Pipecatcall>();
        lock.lock();
        try {
            var calls = owned.getOrDefault(gone, new ArrayDeque<>());
            while (page.size() < limit && !calls.isEmpty()) {
                page.add(calls.remove().withStatus(PipecatcallStatus.ENDED, EndReason.HOST_LOST, now));
            }
            if (calls.isEmpty()) {
                owned.remove(gone);
            }
        } finally {
            lock.unlock();
        }
        page.forEach(closed::add);
        return page;
    }

    private void failIfAway() {
        if (away) {
            throw new StoreException("the test's store cannot be reached", null);
        }
    }
}
