package org.pipecatmanager.ports.model;

/**
 * Mono 16-bit linear PCM at one rate.
 *
 * @param sampleRateHz samples per second, 8000 to 192000
 */
public record AudioFormat(int sampleRateHz) {
    /** Length of one telephone frame, milliseconds. */
    public static final int FRAME_MILLIS = 20;
    /** 8 kHz, what {@code AudioSocket()} speaks. */
    public static final AudioFormat SLIN_8K = new AudioFormat(8000);
    /** 16 kHz, what speech recognisers want. */
    public static final AudioFormat SLIN_16K = new AudioFormat(16000);

    public AudioFormat {
        if (sampleRateHz < 8000 || sampleRateHz > 192_000) {
            throw new IllegalArgumentException("sample rate " + sampleRateHz
                    + " Hz is outside 8000 to 192000; use a rate the leg or the voice has");
        }
    }

    /** Samples in 20 ms, rounded down (11025 Hz has 220.5). */
    public int samplesPerFrame() {
        return sampleRateHz * FRAME_MILLIS / 1000;
    }
}
