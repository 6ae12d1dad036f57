package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplerTest {

    @Test
    void an_unsupported_rate_is_named_with_those_that_are_supported() {
        assertThatThrownBy(() -> Resampler.between(7_999, 16_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("input", "7999 Hz", "8000", "11025", "44100", "48000");
        assertThatThrownBy(() -> Resampler.between(8_000, 96_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("output", "96000 Hz", "12000", "22050");
    }

    @Test
    void it_knows_its_rates() {
        var resampler = Resampler.between(24_000, 8_000);
        assertThat(resampler.inHz()).isEqualTo(24_000);
        assertThat(resampler.outHz()).isEqualTo(8_000);
    }

    @Test
    void equal_rates_pass_through_unchanged_and_undelayed() {
        for (int hz : Resampler.SUPPORTED_HZ) {
            var resampler = Resampler.between(hz, hz);
            short[] signal = Signals.noise(hz, 2_500);
            assertThat(Signals.resample(resampler, signal)).isEqualTo(signal);
            assertThat(resampler.delay()).isZero();
        }
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @CsvSource({"8000,16000", "16000,8000", "24000,8000", "22050,8000", "44100,16000", "8000,48000", "11025,44100"})
    void every_20_ms_frame_gives_a_whole_frame_from_the_first_on(int inHz, int outHz) {
        var resampler = Resampler.between(inHz, outHz);
        short[] frame = new short[inHz / 50];
        short[] out = new short[outHz / 50 + 1];
        int total = 0;
        for (int i = 1; i <= 50; i++) {
            total += resampler.process(frame, 0, frame.length, out, 0);
            assertThat(total).isEqualTo(Math.ceilDiv((long) i * frame.length * outHz, inHz));
        }
    }

    @Test
    void between_8_and_16_kHz_a_frame_is_exactly_a_frame() {
        var up = Resampler.between(8_000, 16_000);
        var down = Resampler.between(16_000, 8_000);
        for (int i = 0; i < 100; i++) {
            assertThat(up.process(new short[160], 0, 160, new short[320], 0)).isEqualTo(320);
            assertThat(down.process(new short[320], 0, 320, new short[160], 0)).isEqualTo(160);
        }
    }

    @Test
    void the_delay_is_3_ms_at_8_kHz() {
        assertThat(Resampler.between(8_000, 16_000).delay()).isEqualTo(Duration.ofMillis(3));
        assertThat(Resampler.between(16_000, 8_000).delay()).isEqualTo(Duration.ofMillis(3));
        assertThat(Resampler.between(44_100, 8_000).delay()).isEqualTo(Duration.ofMillis(3));
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#allPairs")
    void a_flushed_stream_is_as_long_as_its_input_and_its_delay(int inHz, int outHz) {
        var resampler = Resampler.between(inHz, outHz);
        for (int samples : new int[] {1, 2, 3, 79, 160, 441, 959, 960, 961, 4_000}) {
            short[] out = Signals.resample(resampler, new short[samples]);
            long length = Math.round((double) samples * outHz / inHz);
            assertThat(out.length - resampler.delaySamples()).as("of %d samples", samples).isEqualTo((int) length);
        }
    }

    @Test
    void the_last_sample_of_a_stream_is_heard_after_flush() {
        short[] signal = new short[160];
        signal[159] = 20_000;
        var resampler = Resampler.between(8_000, 16_000);
        short[] out = Signals.resample(resampler, signal);
        assertThat(out[2 * 159 + resampler.delaySamples()]).isEqualTo((short) 20_000);
    }

    @Test
    void an_empty_stream_flushes_to_nothing() {
        var resampler = Resampler.between(8_000, 16_000);
        assertThat(resampler.flush(new short[0], 0)).isZero();
        assertThat(resampler.process(new short[0], 0, 0, new short[0], 0)).isZero();
        assertThat(resampler.flush(new short[0], 0)).isZero();
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#allPairs")
    void reset_and_flush_both_begin_a_new_stream(int inHz, int outHz) {
        short[] signal = Signals.noise(5, 1_003);
        short[] expected = Signals.resample(Resampler.between(inHz, outHz), signal);
        var used = Resampler.between(inHz, outHz);
        short[] scratch = new short[used.maxOutput(777)];

        used.process(Signals.noise(6, 777), 0, 777, scratch, 0);
        used.reset();
        assertThat(Signals.resample(used, signal)).isEqualTo(expected);
        assertThat(Signals.resample(used, signal)).as("after flush").isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void a_full_scale_square_saturates_and_never_wraps(int inHz, int outHz) {
        int half = inHz / 200;
        short[] square = new short[half * 20];
        for (int i = 0; i < square.length; i++) {
            square[i] = i / half % 2 == 0 ? Short.MAX_VALUE : Short.MIN_VALUE;
        }
        var resampler = Resampler.between(inHz, outHz);
        short[] out = Signals.resample(resampler, square);
        // The filter overshoots at each edge, so the limit is reached; away from an edge the sign is that of the square.
        assertThat(out).contains(Short.MAX_VALUE, Short.MIN_VALUE);
        int guard = outHz / 1_000;
        for (int plateau = 0; plateau < 20; plateau++) {
            double sign = plateau % 2 == 0 ? 1 : -1;
            int from = resampler.delaySamples() + (int) ((long) plateau * half * outHz / inHz);
            int to = resampler.delaySamples() + (int) ((plateau + 1L) * half * outHz / inHz);
            for (int i = from + guard; i < to - guard; i++) {
                assertThat(sign * out[i]).as("sample %d", i).isGreaterThan(26_000);
            }
        }
    }

    @ParameterizedTest(name = "{0} to {1} Hz")
    @MethodSource("org.pipecatmanager.domain.audio.Signals#unequalPairs")
    void a_constant_stays_that_constant(int inHz, int outHz) {
        for (short level : new short[] {1, -1, 12_345, Short.MAX_VALUE, Short.MIN_VALUE}) {
            var resampler = Resampler.between(inHz, outHz);
            short[] signal = new short[inHz / 50];
            Arrays.fill(signal, level);
            short[] out = Signals.resample(resampler, signal);
            short[] settled = Arrays.copyOfRange(out, 2 * resampler.delaySamples() + 1, out.length - 2 * resampler.delaySamples() - 1);
            assertThat(settled).isNotEmpty().containsOnly(level);
        }
    }

    @Test
    void resamplers_of_one_pair_do_not_disturb_each_other() {
        short[] signal = Signals.noise(7, 800);
        short[] expected = new short[1_600];
        Resampler.between(8_000, 16_000).process(signal, 0, 800, expected, 0);
        var one = Resampler.between(8_000, 16_000);
        var other = Resampler.between(8_000, 16_000);
        short[] out = new short[1_600];
        for (int at = 0; at < 800; at += 160) {
            one.process(signal, at, 160, out, 2 * at);
            other.process(Signals.noise(at, 160), 0, 160, new short[320], 0);
        }
        assertThat(out).isEqualTo(expected);
    }

    @Test
    void only_the_given_range_is_written() {
        short[] out = new short[400];
        Arrays.fill(out, (short) 99);
        int written = Resampler.between(8_000, 16_000).process(Signals.noise(8, 200), 20, 160, out, 40);
        assertThat(written).isEqualTo(320);
        assertThat(Arrays.copyOf(out, 40)).containsOnly((short) 99);
        assertThat(Arrays.copyOfRange(out, 360, 400)).containsOnly((short) 99);
    }

    @Test
    void a_refused_call_leaves_the_stream_as_it_was() {
        short[] signal = Signals.noise(9, 320);
        short[] expected = Signals.resample(Resampler.between(16_000, 8_000), signal);
        var resampler = Resampler.between(16_000, 8_000);
        short[] out = new short[expected.length];
        int written = resampler.process(signal, 0, 161, out, 0);

        assertThatThrownBy(() -> resampler.process(signal, 161, 159, new short[78], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> resampler.process(signal, 161, 160, out, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> resampler.flush(new short[1], 0)).isInstanceOf(IndexOutOfBoundsException.class);

        written += resampler.process(signal, 161, 159, out, written);
        written += resampler.flush(out, written);
        assertThat(written).isEqualTo(expected.length);
        assertThat(out).isEqualTo(expected);
    }
}
