package org.pipecatmanager.domain.audio;

import org.pipecatmanager.ports.model.AudioFormat;

/**
 * Says how many 20 ms frames are due, against absolute deadlines.
 *
 * <p>Deadline {@code n} is the anchor plus {@code n} × 20 ms, whatever happened in between, so lateness never adds
 * up. Less than 60 ms late, every frame that is due is written, three at most. From 60 ms on the clock starts anew at
 * this moment with one frame: a longer burst would only raise the delay of the phone's jitter buffer for good, and a
 * conference bridge throws away what is more than 80 ms ahead. No frame is ever due before its deadline.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
final class FrameClock {
    /** One frame, nanoseconds. */
    static final long FRAME_NANOS = AudioFormat.FRAME_MILLIS * 1_000_000L;
    /** From this lateness on the clock starts anew, nanoseconds: three frames. */
    static final long REANCHOR_NANOS = 3 * FRAME_NANOS;

    private boolean anchored;
    private boolean reanchored;
    private long deadline;
    private long lateness;

    /**
     * Takes the frames that are due.
     *
     * @param nowNanos monotonic clock, nanoseconds; the first call is the anchor
     * @return how many frames to write now, 0 to 3
     */
    int due(long nowNanos) {
        if (!anchored) {
            anchored = true;
            deadline = nowNanos;
        }
        lateness = nowNanos - deadline;
        reanchored = lateness >= REANCHOR_NANOS;
        if (lateness < 0) {
            lateness = 0;
            return 0;
        }
        if (reanchored) {
            deadline = nowNanos + FRAME_NANOS;
            return 1;
        }
        int frames = 1 + (int) (lateness / FRAME_NANOS);
        deadline += frames * FRAME_NANOS;
        return frames;
    }

    /** When the next frame is due, nanoseconds; later than the moment of the last {@link #due}. */
    long nextNanos() {
        return deadline;
    }

    /** How late the first frame of the last {@link #due} was, nanoseconds; each further frame is 20 ms less late. */
    long latenessNanos() {
        return lateness;
    }

    /** Whether the last {@link #due} started the clock anew. */
    boolean reanchored() {
        return reanchored;
    }
}
