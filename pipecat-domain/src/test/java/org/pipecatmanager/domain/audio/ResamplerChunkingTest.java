package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplerChunkingTest {

    private static final int SAMPLES = 5_000;

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#allPairs")
    void any_way_of_cutting_a_signal_gives_the_same_samples(int inHz, int outHz) {
        short[] signal = Signals.noise(1, SAMPLES);
        var resampler = Resampler.between(inHz, outHz);
        short[] expected = Signals.resample(resampler, signal);
        for (int longest : new int[] {1, 7, 400, 3_000}) {
            for (long seed = 0; seed < 4; seed++) {
                assertThat(inChunks(resampler, signal, new Random(seed), longest))
                        .as("chunks of up to %d samples, seed %d", longest, seed)
                        .isEqualTo(expected);
            }
        }
    }

    /** Chunks of 0 to {@code longest} samples; checks on the way that none gives more than it may. */
    private static short[] inChunks(Resampler resampler, short[] signal, Random random, int longest) {
        short[] out = new short[resampler.maxOutput(signal.length) + resampler.delaySamples()];
        int written = 0;
        for (int at = 0; at < signal.length; ) {
            int length = Math.min(random.nextInt(longest + 1), signal.length - at);
            int count = resampler.process(signal, at, length, out, written);
            assertThat(count).isBetween(0, resampler.maxOutput(length));
            at += length;
            written += count;
        }
        int tail = resampler.flush(out, written);
        assertThat(tail).isBetween(0, resampler.delaySamples());
        return Arrays.copyOf(out, written + tail);
    }
}
