package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameClockTest {
    /** A monotonic clock may start below zero. */
    private static final long START = -3_000_000_000L;

    private static final long MILLI = 1_000_000L;

    private final FrameClock clock = new FrameClock();

    @Test
    void the_first_frame_is_due_at_once_and_the_next_20_ms_later() {
        assertThat(clock.due(START)).isEqualTo(1);
        assertThat(clock.nextNanos()).isEqualTo(START + 20 * MILLI);
        assertThat(clock.latenessNanos()).isZero();
    }

    @ParameterizedTest(name = "{0} µs late: {1} frames, next at {2} µs")
    @CsvSource({
        "-1, 0, 20000, false",
        "0, 1, 40000, false",
        "19999, 1, 40000, false",
        "20000, 2, 60000, false",
        "39999, 2, 60000, false",
        "40000, 3, 80000, false",
        "59999, 3, 80000, false",
        "60000, 1, 100000, true",
        "60001, 1, 100001, true",
        "5000000, 1, 5040000, true",
    })
    void what_is_due_depends_on_the_lateness(long lateMicros, int frames, long nextMicros, boolean anew) {
        clock.due(START);
        assertThat(clock.due(START + 20 * MILLI + lateMicros * 1000)).isEqualTo(frames);
        assertThat(clock.nextNanos()).isEqualTo(START + nextMicros * 1000);
        assertThat(clock.reanchored()).isEqualTo(anew);
        assertThat(clock.latenessNanos()).isEqualTo(Math.max(0, lateMicros) * 1000);
    }

    @Test
    void after_starting_anew_there_is_no_catching_up() {
        clock.due(START);
        long late = START + 20 * MILLI + 200 * MILLI;
        assertThat(clock.due(late)).isEqualTo(1);
        for (int i = 1; i <= 100; i++) {
            assertThat(clock.due(late + i * 20L * MILLI)).isEqualTo(1);
            assertThat(clock.reanchored()).isFalse();
        }
    }

    @Test
    void small_lateness_never_adds_up() {
        var random = new Random(7);
        int frames = clock.due(START);
        for (int i = 1; i < 3000; i++) {
            frames += clock.due(START + i * 20L * MILLI + random.nextInt(19_999_999));
        }
        assertThat(frames).isEqualTo(3000);
        assertThat(clock.nextNanos()).isEqualTo(START + 3000 * 20 * MILLI);
    }

    @Test
    void no_frame_is_due_before_its_time_however_often_it_is_asked() {
        var random = new Random(8);
        long now = START;
        int frames = clock.due(now);
        for (int i = 0; i < 10_000; i++) {
            now += random.nextInt(59_000_000);
            frames += clock.due(now);
            assertThat(frames).isEqualTo((int) ((now - START) / (20 * MILLI)) + 1);
            assertThat(clock.nextNanos()).isGreaterThan(now);
        }
    }
}
