package org.pipecatmanager.domain.audio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes from the ring exactly what one frame for the leg needs, at the leg's rate.
 *
 * <p>It never takes more than the frame needs, so what was taken has been heard; between rates whose ratio is not
 * whole, a sample or two wait here for the next frame. Nothing drifts: 1000 frames at 8 kHz take 220,500 samples of
 * 11,025 Hz, give or take one.
 *
 * <p>When the ring is dry, {@link #finish} plays out the filter (3 ms) instead of cutting it off, and the next audio
 * begins a new stream. Allocates only when a rate changes.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
final class PlayoutConverter {
    /** The longest frame: 20 ms at 48 kHz. */
    static final int MAX_FRAME = 960;
    /**
     * A frame, what a conversion may give beyond it (6 samples from 8 to 48 kHz), and a filter's tail (3 ms at 48
     * kHz).
     */
    private static final int SPARE = MAX_FRAME + 320;

    private final PcmRing ring;
    private final short[] taken = new short[MAX_FRAME];
    private final short[] spare = new short[SPARE];
    private int spareFrom;
    private int spareTo;
    private @Nullable Resampler resampler;

    PlayoutConverter(PcmRing ring) {
        this.ring = ring;
    }

    /**
     * Writes the next frame, or its beginning when the ring runs dry.
     *
     * @param length samples in a frame, at most {@link #MAX_FRAME}
     * @param outHz  the leg's rate, one that the resampler supports
     * @return samples written; 0 when the ring has nothing
     */
    int fill(short[] frame, int length, int outHz) {
        int filled = 0;
        for (int hz = ring.headHz(); hz != 0 && filled < length; hz = ring.headHz()) {
            Resampler stream = streamOf(hz, outHz);
            filled += takeSpare(frame, filled, length);
            if (filled < length) {
                int missing = length - filled;
                // The fewest that can be enough; one sample more is fetched in the next round where they are not.
                int wanted = (int) ((missing - 1L) * hz / outHz) + 1;
                int count = ring.read(taken, Math.min(wanted, taken.length), hz);
                spareTo = stream.process(taken, 0, count, spare, 0);
                spareFrom = 0;
                filled += takeSpare(frame, filled, length);
            }
        }
        return filled;
    }

    /**
     * Completes a frame of which {@code filled} samples are written, with the rest of the stream, then silence; the
     * stream is over.
     */
    void finish(short[] frame, int filled, int length) {
        endStream();
        int at = filled + takeSpare(frame, filled, length);
        Arrays.fill(frame, at, length, (short) 0);
    }

    /** Forgets everything; nothing of the stream sounds any more. */
    void clear() {
        spareFrom = 0;
        spareTo = 0;
        if (resampler != null) {
            resampler.reset();
        }
    }

    private Resampler streamOf(int inHz, int outHz) {
        Resampler known = resampler;
        if (known != null && known.inHz() == inHz && known.outHz() == outHz) {
            return known;
        }
        if (known != null && known.outHz() == outHz) {
            endStream();
        } else {
            clear();
        }
        Resampler fresh = Resampler.between(inHz, outHz);
        resampler = fresh;
        return fresh;
    }

    private void endStream() {
        if (resampler != null) {
            System.arraycopy(spare, spareFrom, spare, 0, spareTo - spareFrom);
            spareTo -= spareFrom;
            spareFrom = 0;
            spareTo += resampler.flush(spare, spareTo);
        }
    }

    private int takeSpare(short[] frame, int filled, int length) {
        int count = Math.min(spareTo - spareFrom, length - filled);
        System.arraycopy(spare, spareFrom, frame, filled, count);
        spareFrom += count;
        return count;
    }
}
