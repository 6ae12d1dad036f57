package org.pipecatmanager.domain.recording;

import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.out.Recordings;

/**
 * Puts both edges of a leg beside each other: what arrived and what left at one moment is heard at one moment, caller left.
 *
 * <p>Belongs to the writer's thread.
 */
final class StereoMix {
    /** What is held up for less is set where it belongs; what comes later than that has lost its place. */
    static final long LOOK_AHEAD_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** Written at a time, also when a disk stood still for an hour. */
    private static final int STEP_SECONDS = 1;

    private final int rateHz;
    private final long originNanos;
    private final Track caller;
    private final Track heard;
    private final short[] block;
    private long writtenSamples;

    /** A mix that begins at {@code originNanos}. */
    StereoMix(int rateHz, long originNanos) {
        this.rateHz = rateHz;
        this.originNanos = originNanos;
        this.caller = new Track(rateHz);
        this.heard = new Track(rateHz);
        this.block = new short[2 * rateHz * STEP_SECONDS];
    }

    /** A piece of one edge, with its moment. */
    void add(boolean ofCaller, long nanos, int sampleRateHz, short[] samples, int length) {
        (ofCaller ? caller : heard).add(clock(nanos), sampleRateHz, samples, length);
    }

    /** Writes what is settled. */
    void writeUntil(long nowNanos, Recordings.Recording out) {
        write(clock(nowNanos - LOOK_AHEAD_NANOS), out);
    }

    /** Nothing more comes: writes the rest. */
    void writeRest(Recordings.Recording out) {
        write(Math.max(caller.lastEnd(), heard.lastEnd()), out);
    }

    private void write(long horizon, Recordings.Recording out) {
        while (writtenSamples < horizon) {
            long step = Math.min(horizon, writtenSamples + (long) STEP_SECONDS * rateHz);
            caller.placeUntil(step);
            heard.placeUntil(step);
            int samples = (int) (step - writtenSamples);
            caller.take(block, 0, samples);
            heard.take(block, 1, samples);
            writtenSamples = step;
            out.write(block, 0, 2 * samples);
        }
    }

    private long clock(long nanos) {
        return Math.floorDiv((nanos - originNanos) / 1000 * rateHz, 1_000_000L);
    }

    /** How much was left out of both edges because its place was taken. */
    long droppedMillis() {
        return (caller.droppedSamples() + heard.droppedSamples()) * 1000 / rateHz;
    }

    long writtenMillis() {
        return writtenSamples * 1000 / rateHz;
    }
}
