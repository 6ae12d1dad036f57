package org.pipecatmanager.domain.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * The sessions of this engine, at most so many at a time and one per id, ever.
 *
 * <p><b>Threads.</b> Safe for all; nothing blocks.
 */
final class Sessions {
    /** Ids of past sessions kept in memory: half an hour of one-minute calls on a full daemon. */
    private static final int USED_IDS = 10_000;

    /** What became of {@link #add}. */
    enum Outcome {
        /** The session is in. */
        ADDED,
        /** Another session has the id now; it is the one in the entry. */
        PRESENT,
        /** A session of the past had the id. */
        USED,
        /** There are as many as there may be. */
        FULL,
        /** No more are taken in. */
        STOPPING
    }

    /** The answer of {@link #add}. */
    record Entry(Outcome outcome, @Nullable Session session) {}

    private final ConcurrentHashMap<PipecatcallId, Session> byId = new ConcurrentHashMap<>();
    private final UsedIds used = new UsedIds(USED_IDS);
    private final Semaphore places;
    private final CompletableFuture<@Nullable Void> drained = new CompletableFuture<>();
    private volatile boolean stopping;

    Sessions(int limit) {
        places = new Semaphore(limit);
    }

    @Nullable
    Session find(PipecatcallId id) {
        return byId.get(id);
    }

    List<Session> all() {
        return List.copyOf(byId.values());
    }

    int count() {
        return byId.size();
    }

    boolean isUsed(PipecatcallId id) {
        return used.contains(id);
    }

    boolean isStopping() {
        return stopping;
    }

    Entry add(PipecatcallId id, Supplier<Session> made) {
        if (stopping) {
            return new Entry(Outcome.STOPPING, null);
        }
        if (used.contains(id)) {
            return new Entry(Outcome.USED, null);
        }
        if (!places.tryAcquire()) {
            return new Entry(Outcome.FULL, null);
        }
        Session session = made.get();
        Session other = byId.putIfAbsent(id, session);
        if (other != null) {
            places.release();
            return new Entry(Outcome.PRESENT, other);
        }
        // A session of that id may have come and gone, and a stop may have begun, since they were looked for.
        if (used.contains(id) || stopping) {
            session.abandon();
            withdraw(session);
            return new Entry(stopping ? Outcome.STOPPING : Outcome.USED, null);
        }
        return new Entry(Outcome.ADDED, session);
    }

    /** The session is over. */
    void remove(Session session) {
        if (session.hasUsedItsId()) {
            used.add(session.id());
        }
        withdraw(session);
    }

    /** Takes no more in; the future completes when none is left. */
    CompletableFuture<@Nullable Void> stop() {
        stopping = true;
        completeIfDrained();
        return drained;
    }

    private void withdraw(Session session) {
        if (byId.remove(session.id(), session)) {
            places.release();
        }
        completeIfDrained();
    }

    private void completeIfDrained() {
        if (stopping && byId.isEmpty()) {
            drained.complete(null);
        }
    }
}
