package org.pipecatmanager.domain.audio;

import org.pipecatmanager.ports.model.AudioFormat;

/**
 * Lengths of audio across sample rates without rounding.
 *
 * <p>A tick is 1 / 14,112,000 s: the least common multiple of {@link Resampler#SUPPORTED_HZ}, so one sample of each
 * of these rates is a whole number of ticks and positions add up exactly, however often the rate changes. 64 bits
 * hold 20,000 years.
 */
final class WireTime {
    /** Ticks in one second. */
    static final long TICKS_PER_SECOND = 14_112_000;
    /** Ticks in one millisecond. */
    static final long TICKS_PER_MILLI = TICKS_PER_SECOND / 1000;

    private WireTime() {}

    /** Ticks in one sample; exact for supported rates, rounded down for others. */
    static long ticksPerSample(int sampleRateHz) {
        return TICKS_PER_SECOND / sampleRateHz;
    }

    /** Whole milliseconds in {@code ticks}, rounded down. */
    static long millis(long ticks) {
        return ticks / TICKS_PER_MILLI;
    }

    static long ticks(long millis) {
        return millis * TICKS_PER_MILLI;
    }

    /** Whole samples in a frame of 20 ms. */
    static int frameSamples(int sampleRateHz) {
        return sampleRateHz * AudioFormat.FRAME_MILLIS / 1000;
    }

    static boolean supports(int sampleRateHz) {
        return Resampler.SUPPORTED_HZ.contains(sampleRateHz);
    }
}
