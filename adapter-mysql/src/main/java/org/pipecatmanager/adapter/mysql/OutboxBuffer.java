package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that stand in the database and have not left, in order, as far as memory reaches; "outbox" in logs.
 *
 * <p><b>Bounds.</b> By number and by bytes. When the broker is away and they are reached, the deltas of generations are
 * dropped and counted, and the outbox is <em>behind</em>: what comes is in the database only and is read from there, in
 * order, as places become free.
 *
 * <p><b>Order.</b> {@code commits} is held from the beginning of a transaction that writes events until they stand here, and
 * while the database is read for unsent ones: whatever is read and not known was there before all that comes.
 *
 * <p><b>Threads.</b> The journal's writer hands over, one relay peeks and removes.
 */
final class OutboxBuffer {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxBuffer.class);
    /** How often the database is asked for events that another daemon's death made ours. */
    private static final long SCAN_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** After the database failed. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Events read at once. */
    private static final int PAGE = 256;
    /** How long a relay waits for a transaction under way before it does without the database. */
    private static final Duration TURN = Duration.ofMillis(500);

    private final JournalSql sql;
    private final HostInstance self;
    private final int maxEntries;
    private final long maxBytes;
    private final StoreMeter meter;
    private final TimeSource time;
    /** Fair, so that a busy writer does not keep the relay out. */
    private final ReentrantLock commits = new ReentrantLock(true);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** What waits, oldest first; guarded by {@code lock}, as everything below. */
    private final Map<UUID, OutboxEntry> held = new LinkedHashMap<>();
    /** What has left but is not marked so in the database. */
    private final Set<UUID> unmarked = new LinkedHashSet<>();

    private long bytes;
    private boolean behind;
    private long nextScanNanos;
    private long nextMarkNanos;

    OutboxBuffer(JournalSql sql, HostInstance self, int maxEntries, long maxBytes, StoreMeter meter, TimeSource time) {
        this.sql = sql;
        this.self = self;
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
        this.meter = meter;
        this.time = time;
        nextScanNanos = time.nanoTime();
        nextMarkNanos = nextScanNanos;
    }

    /** Held by the writer from the beginning of a transaction until its events are handed over. */
    ReentrantLock commits() {
        return commits;
    }

    /** Takes events that were just committed, and the deltas between them, in order. */
    void handOver(List<OutboxEntry> events) {
        if (events.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            for (var event : events) {
                if (!behind && !isKnown(event) && !fits(event)) {
                    fallBehind();
                }
                if (!behind) {
                    add(event);
                } else if (!event.lasting()) {
                    meter.intermediatesDropped(1);
                }
            }
            tell();
        } finally {
            lock.unlock();
        }
    }

    /** Frees what deltas take; without effect on room that is enough now, the outbox is behind. */
    private void fallBehind() {
        int before = held.size();
        held.values().removeIf(event -> {
            if (!event.lasting()) {
                bytes -= weight(event);
            }
            return !event.lasting();
        });
        if (before > held.size()) {
            meter.intermediatesDropped(before - held.size());
        }
        behind = true;
        nextScanNanos = time.nanoTime();
        LOG.warn(
                "{} events wait for the broker, {} bytes; more of them wait in the database only until it takes these",
                held.size(),
                bytes);
    }

    private void add(OutboxEntry event) {
        if (!isKnown(event)) {
            held.put(event.messageId(), event);
            bytes += weight(event);
        }
    }

    private boolean isKnown(OutboxEntry event) {
        return held.containsKey(event.messageId()) || unmarked.contains(event.messageId());
    }

    private boolean fits(OutboxEntry event) {
        return held.isEmpty() || (held.size() < maxEntries && bytes + weight(event) <= maxBytes);
    }

    private static long weight(OutboxEntry event) {
        return JournalEntry.OVERHEAD_BYTES + (long) event.body().length();
    }

    private void tell() {
        meter.outbox(held.size(), behind);
        changed.signalAll();
    }

    /** See {@link org.pipecatmanager.ports.out.Outbox#peek}. */
    List<OutboxEntry> peek(int limit, Duration patience) throws InterruptedException {
        long deadline = time.nanoTime() + patience.toNanos();
        while (true) {
            mark();
            scanIfDue();
            lock.lock();
            try {
                if (!held.isEmpty()) {
                    return oldest(limit);
                }
                long now = time.nanoTime();
                if (deadline - now <= 0) {
                    return List.of();
                }
                long next = nextScanNanos - now;
                if (next > 0) {
                    var unused = changed.awaitNanos(Math.min(deadline - now, next));
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Lasting ones stay; a delta is given once. */
    private List<OutboxEntry> oldest(int limit) {
        var oldest = new ArrayList<OutboxEntry>(Math.min(limit, held.size()));
        var all = held.values().iterator();
        while (all.hasNext() && oldest.size() < limit) {
            var event = all.next();
            oldest.add(event);
            if (!event.lasting()) {
                bytes -= weight(event);
                all.remove();
            }
        }
        return oldest;
    }

    /** See {@link org.pipecatmanager.ports.out.Outbox#remove}. */
    void remove(Collection<OutboxEntry> events) {
        lock.lock();
        try {
            for (var event : events) {
                if (!event.lasting()) {
                    continue;
                }
                unmarked.add(event.messageId());
                if (held.remove(event.messageId()) != null) {
                    bytes -= weight(event);
                }
            }
            forgetOldestUnmarked();
            nextMarkNanos = time.nanoTime();
            tell();
        } finally {
            lock.unlock();
        }
        try {
            mark();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** While the database is away there is nothing new to remove, so this is for one that refuses the mark alone. */
    private void forgetOldestUnmarked() {
        int before = unmarked.size();
        var oldest = unmarked.iterator();
        while (unmarked.size() > 2 * maxEntries) {
            oldest.next();
            oldest.remove();
        }
        if (unmarked.size() < before) {
            LOG.warn(
                    "{} events that have left could not be marked in the database and will be sent again",
                    before - unmarked.size());
        }
    }

    /** These calls are another daemon's now, and so are their events. */
    void forget(Set<PipecatcallId> calls) {
        lock.lock();
        try {
            held.values().removeIf(event -> {
                boolean theirs = calls.contains(event.pipecatcallId());
                if (theirs) {
                    bytes -= weight(event);
                }
                return theirs;
            });
            tell();
        } finally {
            lock.unlock();
        }
    }

    /** Events may have become ours: look now. */
    void adopted() {
        lock.lock();
        try {
            nextScanNanos = time.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Marks in the database what has left; what fails is tried again later. */
    void mark() throws InterruptedException {
        var ids = toMark();
        if (ids.isEmpty()) {
            return;
        }
        boolean marked = sql.answers() && commits.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS);
        if (marked) {
            try {
                sql.sent(ids, time.now());
            } catch (StoreException | JournalSql.Refused e) {
                LOG.debug("events that have left are not marked yet", e);
                marked = false;
            } finally {
                commits.unlock();
            }
        }
        lock.lock();
        try {
            if (marked) {
                unmarked.removeAll(new HashSet<>(ids));
            } else {
                nextMarkNanos = time.nanoTime() + RETRY_NANOS;
            }
        } finally {
            lock.unlock();
        }
    }

    private List<UUID> toMark() {
        lock.lock();
        try {
            return time.nanoTime() - nextMarkNanos < 0 ? List.of() : List.copyOf(unmarked);
        } finally {
            lock.unlock();
        }
    }

    /** Reads unsent events nobody here knows: adopted ones, and all that came while the outbox was behind. */
    private void scanIfDue() throws InterruptedException {
        if (!isScanDue() || !commits.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        try {
            var unsent = sql.answers() ? sql.unsent(self, known(), PAGE) : null;
            lock.lock();
            try {
                if (unsent == null) {
                    nextScanNanos = time.nanoTime() + RETRY_NANOS;
                } else {
                    take(unsent);
                }
            } finally {
                lock.unlock();
            }
        } catch (StoreException | JournalSql.Refused e) {
            LOG.debug("the outbox is read again later", e);
            postponeScan();
        } finally {
            commits.unlock();
        }
    }

    private boolean isScanDue() {
        lock.lock();
        try {
            boolean roomForPage = held.isEmpty() || (held.size() + PAGE <= maxEntries && bytes <= maxBytes / 2);
            return roomForPage && time.nanoTime() - nextScanNanos >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void postponeScan() {
        lock.lock();
        try {
            nextScanNanos = time.nanoTime() + RETRY_NANOS;
        } finally {
            lock.unlock();
        }
    }

    private Set<UUID> known() {
        lock.lock();
        try {
            var known = new HashSet<UUID>(unmarked);
            for (var event : held.values()) {
                if (event.lasting()) {
                    known.add(event.messageId());
                }
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private void take(JournalSql.Unsent unsent) {
        boolean all = unsent.all();
        for (var event : unsent.entries()) {
            if (!fits(event)) {
                all = false;
                break;
            }
            add(event);
        }
        if (all && behind) {
            behind = false;
            LOG.info("the outbox has caught up: all events that wait are in memory again");
        }
        nextScanNanos = time.nanoTime() + (all ? SCAN_NANOS : 0);
        tell();
    }
}
