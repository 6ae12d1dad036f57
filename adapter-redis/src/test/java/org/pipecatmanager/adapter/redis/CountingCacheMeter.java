package org.pipecatmanager.adapter.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.pipecatmanager.ports.out.CacheMeter;

/** Keeps what it is told. */
final class CountingCacheMeter implements CacheMeter {
    final AtomicInteger hits = new AtomicInteger();
    final AtomicInteger misses = new AtomicInteger();
    final AtomicInteger unreadables = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();
    final List<Boolean> away = new CopyOnWriteArrayList<>();

    @Override
    public void hit() {
        hits.incrementAndGet();
    }

    @Override
    public void miss() {
        misses.incrementAndGet();
    }

    @Override
    public void unreadable() {
        unreadables.incrementAndGet();
    }

    @Override
    public void failed() {
        failures.incrementAndGet();
    }

    @Override
    public void away(boolean isAway) {
        away.add(isAway);
    }
}
