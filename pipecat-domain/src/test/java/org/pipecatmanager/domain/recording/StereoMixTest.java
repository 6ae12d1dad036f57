package org.pipecatmanager.domain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.out.Recordings;

/**
 * Every sample says when it was spoken: its value is the millisecond. So a recording in which each value is its own place, within
 * 20 ms, is aligned.
 */
class StereoMixTest {
    private static final int HZ = 8_000;
    private static final int FRAME_MILLIS = 20;
    private static final int FRAME = HZ * FRAME_MILLIS / 1000;
    private static final long MILLI = 1_000_000;
    /** The monotonic clock may be anywhere. */
    private static final long ORIGIN = Long.MAX_VALUE / 3;

    private final StereoMix mix = new StereoMix(HZ, ORIGIN);
    private final Kept kept = new Kept();
    private double spokenMillis;

    @Test
    void what_came_and_what_left_at_one_moment_is_beside_each_other() {
        for (int i = 0; i < 500; i++) {
            caller(i * FRAME_MILLIS, FRAME);
            heard(i * FRAME_MILLIS);
            every(25, i);
        }
        mix.writeRest(kept);
        assertThat(kept.millis()).isEqualTo(10_000);
        assertAligned(kept.left(), 1);
        assertAligned(kept.right(), 1);
        assertThat(mix.droppedMillis()).isZero();
        assertThat(mix.writtenMillis()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void packets_that_are_up_to_300_ms_late_leave_no_gap(long seed) {
        var random = new Random(seed);
        double arrived = 0;
        for (int i = 0; i < 1000; i++) {
            // Of the last packets nobody can tell whether they were late.
            int most = i >= 950 ? 1 : random.nextInt(20) == 0 ? 300 : 12;
            double late = random.nextInt(most);
            arrived = Math.max(arrived, i * FRAME_MILLIS + late);
            caller(arrived, FRAME);
            heard(i * FRAME_MILLIS);
            every(25, i);
        }
        mix.writeRest(kept);
        assertAligned(kept.left(), 20);
        assertThat(gaps(kept.left())).as("seed %d", seed).isZero();
        assertThat(mix.droppedMillis()).isLessThanOrEqualTo(20);
    }

    @Test
    void a_second_and_a_half_that_was_held_up_and_came_at_once_is_where_it_belongs() {
        for (int i = 0; i < 300; i++) {
            boolean held = i >= 100 && i < 175;
            caller(held ? 3_500 : i * FRAME_MILLIS, FRAME);
            heard(i * FRAME_MILLIS);
            if (!held) {
                every(25, i);
            }
        }
        mix.writeRest(kept);
        assertAligned(kept.left(), 1);
        assertThat(gaps(kept.left())).isZero();
        assertThat(mix.droppedMillis()).isZero();
    }

    @Test
    void a_pause_in_what_is_sent_is_silence_of_its_length() {
        for (int i = 0; i < 500; i++) {
            if (i < 100 || i >= 200) {
                caller(i * FRAME_MILLIS, FRAME);
            } else {
                spokenMillis += FRAME_MILLIS;
            }
            heard(i * FRAME_MILLIS);
            every(25, i);
        }
        mix.writeRest(kept);
        assertAligned(kept.left(), 1);
        assertThat(gaps(kept.left())).isEqualTo(2_000 * HZ / 1000);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9995, 1.0005})
    void a_clock_that_is_fast_or_slow_stays_within_20_ms(double speed) {
        for (int i = 0; i < 1500; i++) {
            double now = i * FRAME_MILLIS;
            caller(now, (int) (FRAME * speed * (i + 1)) - (int) (FRAME * speed * i));
            spokenMillis = now + FRAME_MILLIS;
            heard(now);
            every(25, i);
        }
        mix.writeRest(kept);
        assertAligned(kept.left(), 20);
        assertAligned(kept.right(), 1);
    }

    @Test
    void a_caller_who_comes_later_than_the_first_frame_and_goes_earlier_is_where_it_was() {
        for (int i = 0; i < 400; i++) {
            heard(i * FRAME_MILLIS);
            if (i >= 150 && i < 250) {
                spokenMillis = i * FRAME_MILLIS;
                caller(i * FRAME_MILLIS, FRAME);
            }
            every(25, i);
        }
        mix.writeRest(kept);
        assertAligned(kept.left(), 1);
        assertThat(kept.millis()).isEqualTo(8_000);
        assertThat(gaps(kept.left())).isEqualTo(6_000 * HZ / 1000);
    }

    @Test
    void a_writer_that_comes_only_after_a_minute_writes_the_same() {
        for (int i = 0; i < 1500; i++) {
            caller(i * FRAME_MILLIS, FRAME);
            heard(i * FRAME_MILLIS);
        }
        mix.writeUntil(ORIGIN + 60_000 * MILLI, kept);
        mix.writeRest(kept);
        assertAligned(kept.left(), 1);
        assertThat(gaps(Arrays.copyOf(kept.left(), 30 * HZ))).isZero();
        assertThat(kept.longest).isLessThanOrEqualTo(2 * HZ);
    }

    @Test
    void an_edge_at_another_rate_is_converted() {
        var wide = new StereoMix(16_000, ORIGIN);
        short[] narrow = new short[FRAME];
        short[] high = new short[2 * FRAME];
        Arrays.fill(narrow, (short) 3_000);
        Arrays.fill(high, (short) 5_000);
        for (int i = 0; i < 100; i++) {
            long now = ORIGIN + (long) i * FRAME_MILLIS * MILLI;
            wide.add(true, now, 16_000, high, high.length);
            wide.add(false, now, 8_000, narrow, narrow.length);
        }
        wide.writeRest(kept);
        assertThat(kept.left()).hasSize(2 * 16_000).containsOnly((short) 5_000);
        assertThat((int) kept.right()[16_000]).isBetween(2_980, 3_020);
    }

    @Test
    void a_flood_costs_what_is_too_much_of_it_and_not_the_clock() {
        for (int i = 0; i < 500; i++) {
            caller(i * FRAME_MILLIS, 10 * FRAME);
            heard(i * FRAME_MILLIS);
            every(25, i);
        }
        mix.writeRest(kept);
        assertThat(kept.millis()).isBetween(10_000L, 12_000L);
        assertThat(mix.droppedMillis()).isGreaterThan(80_000);
        assertAligned(Arrays.copyOf(kept.right(), 10 * HZ), 1);
    }

    private void caller(double arrivedMillis, int samples) {
        short[] piece = new short[samples];
        for (int i = 0; i < samples; i++) {
            piece[i] = (short) (1 + spokenMillis + i * 1000.0 / HZ);
        }
        spokenMillis += samples * 1000.0 / HZ;
        mix.add(true, ORIGIN + (long) (arrivedMillis * MILLI), HZ, piece, samples);
    }

    private void heard(double leftMillis) {
        short[] frame = new short[FRAME];
        for (int i = 0; i < FRAME; i++) {
            frame[i] = (short) (1 + leftMillis + i * 1000.0 / HZ);
        }
        mix.add(false, ORIGIN + (long) (leftMillis * MILLI), HZ, frame, FRAME);
    }

    private void every(int frames, int i) {
        if (i % frames == frames - 1) {
            mix.writeUntil(ORIGIN + (i + 1L) * FRAME_MILLIS * MILLI, kept);
        }
    }

    /** Values are 1 to 32767, that is 32 s; silence is 0. */
    private static void assertAligned(short[] edge, int withinMillis) {
        for (int i = 0; i < edge.length; i++) {
            int off = edge[i] - 1 - i * 1000 / HZ;
            if (edge[i] != 0 && Math.abs(off) > withinMillis) {
                throw new AssertionError("at " + i * 1000 / HZ + " ms is what belongs " + off + " ms later");
            }
        }
        assertThat(gaps(edge)).as("silent samples").isLessThan(edge.length);
    }

    private static int gaps(short[] edge) {
        int silent = 0;
        for (short sample : edge) {
            silent += sample == 0 ? 1 : 0;
        }
        return silent;
    }

    /** What was written. */
    static final class Kept implements Recordings.Recording {
        private short[] samples = new short[0];
        private int longest;

        @Override
        public void write(short[] interleaved, int offset, int length) {
            int before = samples.length;
            samples = Arrays.copyOf(samples, before + length);
            System.arraycopy(interleaved, offset, samples, before, length);
            longest = Math.max(longest, length);
        }

        @Override
        public void close() {}

        long millis() {
            return samples.length / 2 * 1000L / HZ;
        }

        short[] left() {
            return edge(0);
        }

        short[] right() {
            return edge(1);
        }

        private short[] edge(int first) {
            short[] edge = new short[samples.length / 2];
            for (int i = 0; i < edge.length; i++) {
                edge[i] = samples[2 * i + first];
            }
            return edge;
        }
    }
}
