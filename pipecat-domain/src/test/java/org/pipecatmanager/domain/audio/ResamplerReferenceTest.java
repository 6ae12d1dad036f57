package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Chirps, tones and noise against libsoxr at its best quality ({@code dev/vectors/resampler.py} writes the vectors). */
class ResamplerReferenceTest {

    /** Both outputs are rounded to 16 bits, and the rounding noise of the input is filtered by two different transition bands. */
    private static final int LARGEST_ERROR = 2;

    private static final double RMS_ERROR = 0.6;

    private static final Path VECTORS = locate();

    @Test
    void the_vectors_cover_every_conversion_a_call_can_need() throws IOException {
        assertThat(vectors()).hasSize(34);
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("vectors")
    void it_agrees_with_an_independent_resampler(int inHz, int outHz, String input, String output) throws IOException {
        var resampler = Resampler.between(inHz, outHz);
        short[] ours = Signals.resample(resampler, pcm(input));
        short[] reference = pcm(output);
        int delay = resampler.delaySamples();
        assertThat(ours.length - delay).as("aligned length").isEqualTo(reference.length);
        double[] error = new double[reference.length];
        for (int i = 0; i < reference.length; i++) {
            error[i] = ours[delay + i] - reference[i];
            assertThat(Math.abs(error[i])).as("error of sample %d", i).isLessThanOrEqualTo(LARGEST_ERROR);
        }
        assertThat(ToneFit.rms(error)).as("rms error").isLessThanOrEqualTo(RMS_ERROR);
        assertThat(ToneFit.rms(toDoubles(reference))).as("rms of the reference").isGreaterThan(1_000);
    }

    static Stream<Arguments> vectors() throws IOException {
        return Files.readAllLines(VECTORS.resolve("manifest.csv")).stream()
                .skip(1)
                .map(line -> line.split(","))
                .map(cell -> Arguments.of(Integer.valueOf(cell[0]), Integer.valueOf(cell[1]), cell[2], cell[3]));
    }

    private static short[] pcm(String name) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(VECTORS.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
        short[] samples = new short[bytes.remaining() / Short.BYTES];
        bytes.asShortBuffer().get(samples);
        return samples;
    }

    private static double[] toDoubles(short[] samples) {
        double[] doubles = new double[samples.length];
        for (int i = 0; i < samples.length; i++) {
            doubles[i] = samples[i];
        }
        return doubles;
    }

    /** The tests run in the module's folder or in that of the repository. */
    private static Path locate() {
        Path above = Path.of("").toAbsolutePath();
        while (above != null && !Files.isDirectory(above.resolve("vectors/resampler"))) {
            above = above.getParent();
        }
        if (above == null) {
            throw new IllegalStateException(
                    "no folder vectors/resampler above " + Path.of("").toAbsolutePath() + "; run the tests in a checkout");
        }
        return above.resolve("vectors/resampler");
    }
}
