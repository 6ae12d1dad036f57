package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;

/**
 * Listens in on both edges of a leg: what came from the caller, what left for it.
 *
 * <p><b>Threads.</b> The leg's loop, one call at a time. None may block, allocate, log or throw.
 */
public interface AudioTap {
    /**
     * Sound from the caller arrived.
     *
     * @param pcm 16-bit little-endian samples from position to limit; position and byte order stay, nothing is kept
     */
    void caller(long nowNanos, ByteBuffer pcm, int sampleRateHz);

    /**
     * A frame left for the caller.
     *
     * @param bot whether the bot can be heard in it, made-up audio included
     */
    void heard(long nowNanos, short[] frame, int length, int sampleRateHz, boolean bot);

    /** The leg is gone; nothing comes after this. */
    void ended();
}
