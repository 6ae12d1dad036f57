package org.pipecatmanager.domain.audio;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Signals to resample, and ways to send them through. */
final class Signals {

    /** Peak of a sine at -6 dBFS. */
    static final double HALF_SCALE = 32768 * Math.pow(10, -6 / 20.0);

    private Signals() {}

    /** Every supported rate into every one, equal ones included. */
    static Stream<Arguments> allPairs() {
        return Stream.concat(unequalPairs(), Resampler.SUPPORTED_HZ.stream().map(hz -> Arguments.of(hz, hz)));
    }

    static Stream<Arguments> unequalPairs() {
        return Resampler.SUPPORTED_HZ.stream()
                .flatMap(in -> Resampler.SUPPORTED_HZ.stream()
                        .filter(out -> !out.equals(in))
                        .map(out -> Arguments.of(in, out)));
    }

    /** A sine at -6 dBFS, rounded to 16 bits. */
    static short[] tone(double hz, int rate, int samples) {
        short[] tone = new short[samples];
        for (int i = 0; i < samples; i++) {
            tone[i] = (short) Math.round(HALF_SCALE * Math.cos(2 * Math.PI * hz * i / rate));
        }
        return tone;
    }

    /** White noise at full scale. */
    static short[] noise(long seed, int samples) {
        var random = new Random(seed);
        short[] noise = new short[samples];
        for (int i = 0; i < samples; i++) {
            noise[i] = (short) random.nextInt();
        }
        return noise;
    }

    /** The same array, its first sample zero: what starts so is not faded in. */
    static short[] fromSilence(short[] signal) {
        signal[0] = 0;
        return signal;
    }

    /** The whole stream: the signal at once, then flushed. */
    static short[] resample(Resampler resampler, short[] signal) {
        short[] out = new short[resampler.maxOutput(signal.length) + resampler.delaySamples()];
        int written = resampler.process(signal, 0, signal.length, out, 0);
        written += resampler.flush(out, written);
        return Arrays.copyOf(out, written);
    }

    /** What a tone of half a second becomes: without twice the delay at either end. */
    static double[] steadyTone(int inHz, int outHz, double hz) {
        var resampler = Resampler.between(inHz, outHz);
        short[] out = resample(resampler, tone(hz, inHz, inHz / 2));
        int edge = 2 * resampler.delaySamples();
        double[] steady = new double[out.length - 2 * edge];
        for (int i = 0; i < steady.length; i++) {
            steady[i] = out[edge + i];
        }
        return steady;
    }
}
