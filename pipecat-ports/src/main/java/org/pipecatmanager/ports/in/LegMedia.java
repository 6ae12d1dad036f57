package org.pipecatmanager.ports.in;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;

/**
 * What drives one caller's leg: it takes what the caller says and gives what the caller should hear.
 *
 * <p><b>Threads.</b> Every method is called by the one loop thread that owns the leg. None may block, allocate per call,
 * log or throw.
 *
 * <p><b>Pace.</b> {@link #tick} is called first right after admission, then at the moment it asked for, or later; lateness
 * is the implementation's to handle. It is called for as long as the leg is open.
 *
 * <p>Passes {@code LegMediaContract}.
 */
public interface LegMedia {
    /**
     * Sound from the caller.
     *
     * @param pcm    16-bit little-endian mono samples from position to limit, a whole number of them; valid only during the
     *               call; its position afterwards is unspecified
     * @param format sample rate of {@code pcm}
     */
    void callerAudio(ByteBuffer pcm, AudioFormat format);

    /** A key the caller released: {@code 0-9 * # A-D}. */
    void pressed(char key);

    /**
     * Writes every 20 ms frame that is due, silence included, or ends the leg.
     *
     * @param nowNanos monotonic clock, nanoseconds
     * @param sink     takes whole frames; valid only during the call
     * @return when to call again, nanoseconds of the same clock, later than {@code nowNanos}
     */
    long tick(long nowNanos, FrameSink sink);

    /**
     * Why the session ended the leg, for a far end that can be told; empty before {@link FrameSink#end}, and where it is not
     * known.
     */
    default Optional<EndReason> endReason() {
        return Optional.empty();
    }

    /** The leg is gone; nothing is called after this, and this exactly once. */
    void closed(LegEnd how);

    /** Where frames for the caller go. */
    interface FrameSink {
        /** What the leg wants to hear now; may change during a call, between frames. */
        AudioFormat format();

        /**
         * One 20 ms frame, {@code format().samplesPerFrame()} samples; copied before the call returns.
         *
         * @param samples 16-bit mono
         */
        void audio(short[] samples, int offset, int length);

        /** Ends the leg in order (hangup, then close). Nothing may be written after it. */
        void end();
    }
}
