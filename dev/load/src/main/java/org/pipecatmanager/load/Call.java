package org.pipecatmanager.load;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One call: its two directions and its two ends, of which the second comes when the runner is started. */
final class Call {
    private final UUID id;
    private final int slot;
    private final Track up;
    private final Track down;
    private volatile Hearing hearing;
    private volatile boolean heardElsewhere;
    private volatile @Nullable End caller;
    private volatile @Nullable End runner;
    private volatile long askedNanos;
    private volatile int answerStatus;
    private volatile long answeredNanos;
    private volatile long stopAskedNanos;
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
        hearing = down;
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

    /** Takes what comes to the caller. */
    interface Hearing {
        /** A frame with this mark or none. */
        void arrived(int mark, long now);
    }

    /** Before the call is dialled: what its caller hears with instead of {@link #down()}. */
    void hearing(Hearing other) {
        hearing = other;
        heardElsewhere = true;
    }

    Hearing hearing() {
        return hearing;
    }

    /** The request for the call goes out. */
    void asked(long now) {
        askedNanos = now;
    }

    /** It was answered. */
    void answered(int status, long now) {
        answeredNanos = now;
        answerStatus = status;
    }

    /** The request for its end goes out. */
    void stopAsked(long now) {
        stopAskedNanos = now;
    }

    long askedNanos() {
        return askedNanos;
    }

    /** Zero while it is not. */
    long answeredNanos() {
        return answeredNanos;
    }

    /** What was answered. */
    int answerStatus() {
        return answerStatus;
    }

    long stopAskedNanos() {
        return stopAskedNanos;
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

    /** Whether it was answered and both ends stand. */
    boolean isOpen() {
        return answeredNanos != 0 && legOpenedNanos != 0 && linkOpenedNanos != 0;
    }

    /** Whether the daemon has hung up. */
    boolean isOver() {
        return legClosedNanos != 0;
    }

    /** When everything has come to rest: counts what never came. */
    void settle() {
        up.settle();
        down.settle();
    }

    /** Whether both ends stand and each has heard the other, as far as that is followed here. */
    boolean isLive() {
        return up.hasArrived() && (heardElsewhere || down.hasArrived());
    }
}
