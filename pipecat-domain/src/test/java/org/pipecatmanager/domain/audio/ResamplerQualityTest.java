package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Measured with sines at -6 dBFS, rounded to 16 bits. */
class ResamplerQualityTest {

    @ParameterizedTest(name = "{0} to {1} Hz")
    @CsvSource({"8000,16000", "16000,8000"})
    void between_8_and_16_kHz_the_telephone_band_is_flat_within_a_twentieth_of_a_decibel(int inHz, int outHz) {
        for (int hz = 50; hz <= 3_400; hz += 67) {
            assertThat(gain(inHz, outHz, hz)).as("gain at %d Hz", hz).isCloseTo(0, within(0.05));
        }
        assertThat(gain(inHz, outHz, 3_400)).as("gain at 3400 Hz").isCloseTo(0, within(0.05));
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @CsvSource({"8000,16000", "16000,8000"})
    void between_8_and_16_kHz_a_tone_of_1_kHz_has_86_dB_SINAD(int inHz, int outHz) {
        for (double hz : new double[] {997, 1_000, 1_003.7}) {
            var fit = ToneFit.of(Signals.steadyTone(inHz, outHz, hz), hz, outHz);
            assertThat(fit.sinad()).as("SINAD at %.1f Hz", hz).isGreaterThanOrEqualTo(86);
        }
    }

    @ParameterizedTest(name = "{0} Hz")
    @CsvSource({"300", "997", "2003", "3001", "3400"})
    void from_8_to_16_kHz_images_are_85_dB_down(double hz) {
        assertThat(worstImage(8_000, 16_000, hz)).isLessThanOrEqualTo(-85);
    }

    @ParameterizedTest(name = "{0} Hz")
    @CsvSource({"4600", "4700", "5003", "5500", "6007", "7001", "7900"})
    void from_16_to_8_kHz_aliases_are_85_dB_down(double hz) {
        assertThat(leak(16_000, 8_000, hz)).isLessThanOrEqualTo(-85);
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void every_pair_is_flat_within_a_tenth_of_a_decibel_up_to_85_hundredths(int inHz, int outHz) {
        double nyquist = Math.min(inHz, outHz) / 2.0;
        for (double part : new double[] {0.011, 0.13, 0.31, 0.47, 0.62, 0.75, 0.82, 0.85}) {
            assertThat(gain(inHz, outHz, part * nyquist)).as("gain at %.3f", part).isCloseTo(0, within(0.1));
        }
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void in_every_pair_images_and_aliases_are_80_dB_down(int inHz, int outHz) {
        double nyquist = Math.min(inHz, outHz) / 2.0;
        if (inHz < outHz) {
            for (double part : new double[] {0.11, 0.5, 0.85}) {
                assertThat(worstImage(inHz, outHz, part * nyquist)).as("images of %.2f", part).isLessThanOrEqualTo(-80);
            }
        } else {
            for (double hz = 1.15 * nyquist; hz < inHz / 2.0; hz += 0.17 * nyquist) {
                assertThat(leak(inHz, outHz, hz)).as("what is left of %.0f Hz", hz).isLessThanOrEqualTo(-80);
            }
        }
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void every_pair_keeps_a_tone_clean(int inHz, int outHz) {
        var fit = ToneFit.of(Signals.steadyTone(inHz, outHz, 997), 997, outHz);
        assertThat(fit.sinad()).isGreaterThanOrEqualTo(86);
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void every_pair_delays_by_what_it_says_and_by_no_more_than_allowed(int inHz, int outHz) {
        var resampler = Resampler.between(inHz, outHz);
        boolean line = inHz + outHz == 24_000 && Math.min(inHz, outHz) == 8_000;
        assertThat(resampler.delay()).isLessThanOrEqualTo(line ? Duration.ofNanos(3_500_000) : Duration.ofMillis(6));

        double hz = 613;
        double phase = ToneFit.of(Signals.steadyTone(inHz, outHz, hz), hz, outHz).phase();
        double expected = 2 * Math.PI * hz * resampler.delaySamples() / outHz;
        assertThat(Math.IEEEremainder(phase - expected, 2 * Math.PI)).isCloseTo(0, within(1e-4));
    }

    /** Gain of a tone, dB. */
    private static double gain(int inHz, int outHz, double hz) {
        double amplitude = ToneFit.of(Signals.steadyTone(inHz, outHz, hz), hz, outHz).amplitude();
        return ToneFit.decibels(amplitude / Signals.HALF_SCALE);
    }

    /** The strongest mirror image of a tone around multiples of the input rate, dB relative to the tone. */
    private static double worstImage(int inHz, int outHz, double hz) {
        double[] rest = ToneFit.of(Signals.steadyTone(inHz, outHz, hz), hz, outHz).residual();
        double worst = 0;
        for (int multiple = inHz; multiple - hz < outHz / 2.0; multiple += inHz) {
            worst = Math.max(worst, ToneFit.of(rest, multiple - hz, outHz).amplitude());
            if (multiple + hz < outHz / 2.0) {
                worst = Math.max(worst, ToneFit.of(rest, multiple + hz, outHz).amplitude());
            }
        }
        return ToneFit.decibels(worst / Signals.HALF_SCALE);
    }

    /** Everything that comes out when a tone goes in that should vanish, dB relative to the tone. */
    private static double leak(int inHz, int outHz, double hz) {
        return ToneFit.decibels(
                ToneFit.rms(Signals.steadyTone(inHz, outHz, hz)) * Math.sqrt(2) / Signals.HALF_SCALE);
    }
}
