package org.pipecatmanager.load;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One call: its two directions and its two ends, of which the second comes when the runner is started. */
final class Call {
    private final UUID id;
    private final int slot;
    private final Track up;
    private final Track down;
    private volatile @Nullable End caller;
    private volatile @Nullable End runner;
    private volatile long legOpenedNanos;
    private volatile long linkOpenedNanos;
    private volatile long legClosedNanos;

    /**
     * A call.
     *
     * @param slot   its place in the generator
     * @param frames how many are measured each way, about
     */
    Call(UUID id, int slot, Window window, int frames) {
        this.id = id;
        this.slot = slot;
        up = new Track(window, frames);
        down = new Track(window, frames);
    }

    UUID id() {
        return id;
    }

    int slot() {
        return slot;
    }

    Track up() {
        return up;
    }

    Track down() {
        return down;
    }

    void caller(End end) {
        caller = end;
    }

    void runner(End end) {
        runner = end;
    }

    @Nullable
    End caller() {
        return caller;
    }

    @Nullable
    End runner() {
        return runner;
    }

    /** The daemon's first frame is at the caller. */
    void legOpened(long now) {
        if (legOpenedNanos == 0) {
            legOpenedNanos = now;
        }
    }

    /** The daemon has accepted the upgrade. */
    void linkOpened(long now) {
        linkOpenedNanos = now;
    }

    /** The daemon has hung up. */
    void legClosed(long now) {
        legClosedNanos = now;
    }

    /** Zero while it is not. */
    long legOpenedNanos() {
        return legOpenedNanos;
    }

    /** Zero while it is not. */
    long linkOpenedNanos() {
        return linkOpenedNanos;
    }

    /** Zero while it is not. */
    long legClosedNanos() {
        return legClosedNanos;
    }

    /** Whether both ends stand and each has heard the other. */
    boolean isLive() {
        return up.hasArrived() && down.hasArrived();
    }
}
