package org.pipecatmanager.adapter.redis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache whose records reach Redis some milliseconds after they were put, several in one exchange, so that no call waits for
 * it. Of several states of one record that wait, the later one is written.
 *
 * <p><b>Bound.</b> {@value #MAX_WAITING} records; beyond it a write is forgotten, and counted as failed, as it is while Redis
 * is away.
 *
 * <p><b>Threads.</b> One of its own writes, from the constructor until {@link #close}; methods are safe for all, and {@link
 * #put} never blocks on the network.
 */
public final class WriteBehindCache implements PipecatcallCache, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehindCache.class);
    /** Some seconds of what a daemon can write. */
    private static final int MAX_WAITING = 10_000;
    /** Records in one exchange. */
    private static final int BATCH = 128;
    /** How long the first waits for others, and for its own next state: a start is live within some ten milliseconds. */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** What writing the rest may take in the end. */
    private static final Duration LAST = Duration.ofSeconds(2);

    private final RedisPipecatcallCache cache;
    private final CacheMeter meter;
    private final Thread writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();

    @GuardedBy("lock")
    private final Map<PipecatcallId, Pipecatcall> waiting = new LinkedHashMap<>();

    /** What the writer has in its hands. */
    @GuardedBy("lock")
    private final Map<PipecatcallId, Pipecatcall> leaving = new LinkedHashMap<>();

    @GuardedBy("lock")
    private boolean closed;

    /** Makes one that writes at once. */
    public WriteBehindCache(RedisPipecatcallCache cache, CacheMeter meter) {
        this.cache = cache;
        this.meter = meter;
        this.writer = Thread.ofPlatform().daemon().name("redis-cache").start(this::run);
    }

    @Override
    public Optional<Pipecatcall> get(PipecatcallId id) {
        lock.lock();
        try {
            var own = waiting.getOrDefault(id, leaving.get(id));
            if (own != null) {
                return Optional.of(own);
            }
        } finally {
            lock.unlock();
        }
        return cache.get(id);
    }

    @Override
    public void put(Pipecatcall call) {
        boolean taken;
        lock.lock();
        try {
            var before = waiting.getOrDefault(call.id(), leaving.get(call.id()));
            taken = !closed && (waiting.containsKey(call.id()) || waiting.size() < MAX_WAITING);
            if (taken) {
                waiting.put(call.id(), before == null ? call : PipecatcallCache.later(before, call));
                if (waiting.size() == 1 || waiting.size() == BATCH) {
                    arrived.signal();
                }
            }
        } finally {
            lock.unlock();
        }
        if (!taken) {
            meter.failed();
        }
    }

    /** Writes what waits, for two seconds at most, and takes no more. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        try {
            if (!writer.join(LAST)) {
                LOG.warn("records that were to be cached are given up: Redis does not take them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (var batch = next(); batch != null; batch = next()) {
                write(batch);
            }
        } catch (InterruptedException e) {
            LOG.warn("the cache's writer was interrupted; what waits is not cached");
        }
    }

    private void write(List<Pipecatcall> batch) {
        try {
            cache.putAll(batch);
        } catch (RuntimeException e) {
            LOG.error("a defect in the cache's writer; it goes on", e);
        }
    }

    /** The oldest that wait, or null when it is closed and there are none. */
    private @Nullable List<Pipecatcall> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            leaving.clear();
            while (waiting.isEmpty()) {
                if (closed) {
                    return null;
                }
                arrived.await();
            }
            long left = LINGER_NANOS;
            while (left > 0 && waiting.size() < BATCH && !closed) {
                left = arrived.awaitNanos(left);
            }
            var oldest = waiting.entrySet().iterator();
            while (oldest.hasNext() && leaving.size() < BATCH) {
                var entry = oldest.next();
                leaving.put(entry.getKey(), entry.getValue());
                oldest.remove();
            }
            return List.copyOf(leaving.values());
        } finally {
            lock.unlock();
        }
    }
}
