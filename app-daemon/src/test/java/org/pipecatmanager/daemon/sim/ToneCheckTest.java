package org.pipecatmanager.daemon.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ToneCheckTest {
    private static final int HZ = 440;
    private final ToneCheck check = new ToneCheck(HZ, SimulatedCall.RATE_HZ);

    @Test
    void a_whole_tone_has_no_faults() {
        feed(tone(500));

        assertThat(check.heardTone()).isTrue();
        assertFaults(0, 0, 0, 0);
    }

    @Test
    void silence_before_and_after_a_tone_is_no_fault() {
        feed(silence(20));
        feed(tone(50));
        feed(silence(20));

        assertFaults(0, 0, 0, 0);
    }

    @Test
    void each_lost_frame_is_counted() {
        List<short[]> frames = tone(200);
        frames.remove(150);
        frames.remove(100);
        frames.remove(100);
        feed(frames);

        assertFaults(3, 0, 0, 0);
    }

    @Test
    void each_repeated_frame_is_counted() {
        List<short[]> frames = tone(200);
        frames.add(50, frames.get(50));
        frames.add(120, frames.get(120));
        feed(frames);

        assertFaults(0, 2, 0, 0);
    }

    @Test
    void silence_inside_a_tone_counts_as_inserted() {
        List<short[]> frames = tone(100);
        frames.addAll(60, silence(3));
        feed(frames);

        assertThat(check.inserted()).isEqualTo(3);
        assertThat(check.lost()).isZero();
    }

    @Test
    void lost_samples_are_a_jump() {
        List<short[]> frames = tone(100);
        List<short[]> later = tone(100, 100 * SimulatedCall.FRAME_SAMPLES + 31);
        feed(frames);
        feed(later);

        assertThat(check.broken()).isEqualTo(1);
    }

    @Test
    void noise_of_telephone_quality_is_no_fault() {
        Random random = new Random(42);
        List<short[]> frames = tone(500);
        for (short[] frame : frames) {
            for (int i = 0; i < frame.length; i++) {
                frame[i] += (short) (random.nextGaussian() * 80);
            }
        }
        feed(frames);

        assertFaults(0, 0, 0, 0);
    }

    @Test
    void a_tone_that_looks_alike_in_every_frame_is_refused() {
        assertThatThrownBy(() -> new ToneCheck(400, SimulatedCall.RATE_HZ))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("400 Hz")
                .hasMessageContaining("440");
    }

    private void assertFaults(long lost, long repeated, long inserted, long broken) {
        assertThat(List.of(check.lost(), check.repeated(), check.inserted(), check.broken()))
                .containsExactly(lost, repeated, inserted, broken);
    }

    private void feed(List<short[]> frames) {
        frames.forEach(frame -> check.frame(frame, frame.length));
    }

    private static List<short[]> tone(int frames) {
        return tone(frames, 0);
    }

    private static List<short[]> tone(int frames, int fromSample) {
        List<short[]> all = new ArrayList<>();
        for (int f = 0; f < frames; f++) {
            short[] frame = new short[SimulatedCall.FRAME_SAMPLES];
            for (int i = 0; i < frame.length; i++) {
                double t = (double) (fromSample + f * frame.length + i) / SimulatedCall.RATE_HZ;
                frame[i] = (short) Math.round(8000 * Math.sin(2 * Math.PI * HZ * t));
            }
            all.add(frame);
        }
        return all;
    }

    private static List<short[]> silence(int frames) {
        List<short[]> all = new ArrayList<>();
        for (int f = 0; f < frames; f++) {
            all.add(new short[SimulatedCall.FRAME_SAMPLES]);
        }
        return all;
    }
}
