package org.pipecatmanager.domain.audio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes from the ring exactly what one frame for the leg needs, at the leg's rate.
 *
 * <p>It never takes more than the frame needs, so what was taken has been heard; between rates whose ratio is not
 * whole, a sample or two wait here for the next frame. Nothing drifts: 1000 frames at 8 kHz take 220,500 samples of
 * 11,025 Hz, give or take one. Equal rates have no filter and pass unchanged.
 *
 * <p><b>A dry ring.</b> {@link #bridge} has the stream go on with made-up audio ({@link Concealment}), before the
 * filter, so that the filter neither rings nor loses what it holds. {@link #finish} plays out the filter (3 ms); the
 * next audio begins a new stream.
 *
 * <p><b>An interruption.</b> {@link #cutOff} keeps 5 ms of how the stream would have sounded on, fading to nothing; they
 * sound in the next frame, under whatever that holds. Nothing more is taken from the ring for them. A cut without them
 * is a click: at the peak of a 300 Hz tone it spreads 47 dB more energy above 1 kHz.
 *
 * <p>Allocates only when a rate changes; its memory is as much as 20 ms at these rates need.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
final class PlayoutConverter {
    /** How long a stream that is cut off sounds on, milliseconds. */
    static final int CUT_MILLIS = 5;

    private final PcmRing ring;
    /** What was read or made up for the frame. */
    private short[] taken = {};
    /** What became of it, and a filter's tail. */
    private short[] spare = {};

    private int spareFrom;
    private int spareTo;
    private @Nullable Stream stream;
    /** Whether the stream has begun and is not over. */
    private boolean open;

    private short[] remains = {};
    private int remaining;
    private int remainsHz;

    /**
     * From one rate to another.
     *
     * @param concealment at the rate of what comes in
     */
    private record Stream(Resampler resampler, Concealment concealment) {
        static Stream between(int inHz, int outHz) {
            return new Stream(Resampler.between(inHz, outHz), new Concealment(inHz));
        }

        boolean is(int inHz, int outHz) {
            return resampler.inHz() == inHz && resampler.outHz() == outHz;
        }

        void reset() {
            resampler.reset();
            concealment.reset();
        }

        /** The fewest samples of input that can be enough for {@code missing} of output. */
        int wanted(int missing) {
            return (int) ((missing - 1L) * resampler.inHz() / resampler.outHz()) + 1;
        }
    }

    PlayoutConverter(PcmRing ring) {
        this.ring = ring;
    }

    /**
     * Writes the next frame, or its beginning when the ring runs dry.
     *
     * @param length samples in a frame
     * @param outHz  the leg's rate, one that the resampler supports
     * @return samples written; 0 when the ring has nothing
     */
    int fill(short[] frame, int length, int outHz) {
        int filled = 0;
        for (int hz = ring.headHz(); hz != 0 && filled < length; hz = ring.headHz()) {
            Stream current = streamOf(hz, outHz);
            filled += takeSpare(frame, filled, length);
            if (filled < length) {
                // One sample more is fetched in the next round where these are not enough.
                int wanted = Math.min(current.wanted(length - filled), taken.length);
                int count = current.concealment.complete(taken, wanted);
                if (count == 0) {
                    count = ring.read(taken, wanted, hz);
                    current.concealment.heard(taken, count);
                }
                convert(current, count);
                filled += takeSpare(frame, filled, length);
            }
        }
        return filled;
    }

    /**
     * Goes on with a frame of which {@code filled} samples are written, though the ring is dry.
     *
     * @return samples written, {@code filled} included; fewer than {@code length} when there is no more to make up
     */
    int bridge(short[] frame, int filled, int length) {
        Stream current = stream;
        if (current == null || !open) {
            return filled;
        }
        current.concealment.cut();
        int at = filled + takeSpare(frame, filled, length);
        while (at < length) {
            int wanted = Math.min(current.wanted(length - at), taken.length);
            int count = current.concealment.make(taken, wanted);
            if (count == 0) {
                return at;
            }
            convert(current, count);
            at += takeSpare(frame, at, length);
        }
        return at;
    }

    /** Whether {@link #bridge} has more to make up. */
    boolean bridging() {
        Stream current = stream;
        return current != null && open && current.concealment.sounds();
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

    /** Forgets everything but how the stream would have sounded on for {@link #CUT_MILLIS}. */
    void cutOff() {
        Stream current = stream;
        if (current == null || !open) {
            return;
        }
        int hz = current.resampler.outHz();
        int length = cutSamples(hz);
        int count = bridge(remains, 0, length);
        if (count > 0) {
            for (int i = 0; i < count; i++) {
                double share = 0.5 + 0.5 * Math.cos(Math.PI * (i + 0.5) / length);
                remains[i] = (short) Math.round(share * remains[i]);
            }
            remaining = count;
            remainsHz = hz;
        }
        clear();
    }

    /** Adds what {@link #cutOff} kept to a frame, once. */
    void addRemains(short[] frame, int length, int outHz) {
        int count = outHz == remainsHz ? Math.min(remaining, length) : 0;
        for (int i = 0; i < count; i++) {
            int sum = frame[i] + remains[i];
            frame[i] = (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, sum));
        }
        remaining = 0;
    }

    private void clear() {
        spareFrom = 0;
        spareTo = 0;
        open = false;
        if (stream != null) {
            stream.reset();
        }
    }

    private Stream streamOf(int inHz, int outHz) {
        Stream known = stream;
        if (known != null && known.is(inHz, outHz)) {
            return known;
        }
        if (known != null && known.resampler.outHz() == outHz) {
            endStream();
        } else {
            clear();
        }
        Stream fresh = Stream.between(inHz, outHz);
        stream = fresh;
        makeRoom(fresh.resampler);
        return fresh;
    }

    private void makeRoom(Resampler resampler) {
        // One more, where the samples of a frame are not a whole number.
        int most = WireTime.frameSamples(resampler.inHz()) + 1;
        if (taken.length < most) {
            taken = new short[most];
        }
        int converted = resampler.maxOutput(taken.length) + resampler.delaySamples();
        if (spare.length < converted) {
            spare = Arrays.copyOf(spare, converted);
        }
        if (remains.length < cutSamples(resampler.outHz())) {
            remains = Arrays.copyOf(remains, cutSamples(resampler.outHz()));
        }
    }

    private static int cutSamples(int hz) {
        return hz * CUT_MILLIS / 1000;
    }

    private void convert(Stream current, int count) {
        spareTo = current.resampler.process(taken, 0, count, spare, 0);
        spareFrom = 0;
        open = true;
    }

    private void endStream() {
        if (stream != null && open) {
            open = false;
            System.arraycopy(spare, spareFrom, spare, 0, spareTo - spareFrom);
            spareTo -= spareFrom;
            spareFrom = 0;
            spareTo += stream.resampler.flush(spare, spareTo);
            stream.concealment.reset();
        }
    }

    private int takeSpare(short[] frame, int filled, int length) {
        int count = Math.min(spareTo - spareFrom, length - filled);
        System.arraycopy(spare, spareFrom, frame, filled, count);
        spareFrom += count;
        return count;
    }
}
