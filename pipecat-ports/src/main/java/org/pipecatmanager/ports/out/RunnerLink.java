package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.RunnerCommand;

/**
 * One open socket of a runner, to be written to.
 *
 * <p><b>Threads.</b> Safe for all; no method blocks.
 *
 * <p><b>Bounds.</b> Audio that cannot be sent in time is dropped, oldest first, and counted; commands and reports are never
 * dropped: when they cannot be kept the link closes as stalled.
 *
 * <p>Passes {@code RunnerLinkContract}.
 */
public interface RunnerLink {
    LinkDirection direction();

    /**
     * Caller audio.
     *
     * @param samples 16-bit mono, copied before the call returns
     */
    void audio(short[] samples, int offset, int length, int sampleRateHz);

    /** A command, after everything sent before it. */
    void send(RunnerCommand command);

    /**
     * Reports the playout position. All values in milliseconds of bot audio since the start of the call.
     *
     * @param positionMillis everything before it was heard, flushed or dropped
     * @param limitMillis    the runner may send audio up to this position
     * @param queuedMillis   queued here now
     */
    void playout(long positionMillis, long limitMillis, long queuedMillis);

    /**
     * {@link #playout} and then {@link #audio}: for a link that can do both in one write.
     *
     * @param samples 16-bit mono, copied before the call returns
     */
    default void playoutAndAudio(
            long positionMillis,
            long limitMillis,
            long queuedMillis,
            short[] samples,
            int offset,
            int length,
            int sampleRateHz) {
        playout(positionMillis, limitMillis, queuedMillis);
        audio(samples, offset, length, sampleRateHz);
    }

    /**
     * Answers an interruption.
     *
     * @param atMillis      where hearing stopped
     * @param droppedMillis thrown away; the position is now {@code atMillis + droppedMillis}
     * @param limitMillis   the runner may send audio up to this position
     */
    void flushed(long atMillis, long droppedMillis, long limitMillis);

    /** Closes in order with 1000; idempotent. The listener still hears {@code closed}. */
    void close();
}
