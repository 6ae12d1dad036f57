package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CushionTest {
    private static final long MILLI = 1_000_000L;

    private final Cushion cushion = new Cushion();

    @Test
    void there_is_none_at_first_and_the_first_word_is_no_underrun() {
        assertThat(cushion.resumed(-5)).isFalse();
        assertThat(cushion.millis()).isZero();
    }

    @Test
    void each_underrun_asks_for_more_up_to_the_ceiling() {
        var seen = new ArrayList<Integer>();
        for (int i = 0; i < 7; i++) {
            cushion.ranDry(i * 1000L * MILLI);
            assertThat(cushion.resumed(i * 1000L * MILLI + 100 * MILLI)).isTrue();
            seen.add(cushion.millis());
        }
        assertThat(seen).isEqualTo(List.of(40, 60, 80, 100, 120, 120, 120));
    }

    @Test
    void audio_within_300_ms_was_late_and_after_that_it_is_new() {
        cushion.ranDry(0);
        assertThat(cushion.resumed(300 * MILLI + 1)).isFalse();
        cushion.ranDry(0);
        assertThat(cushion.resumed(300 * MILLI)).isTrue();
    }

    @Test
    void what_comes_after_a_flush_is_new() {
        cushion.ranDry(0);
        cushion.forget(10 * MILLI);
        assertThat(cushion.resumed(20 * MILLI)).isFalse();
        assertThat(cushion.millis()).isZero();
    }

    @Test
    void thirty_seconds_of_speech_without_an_underrun_take_a_step_down_again() {
        underruns(3);
        assertThat(cushion.millis()).isEqualTo(80);
        speaks(20_000, 29_000);
        assertThat(cushion.millis()).isEqualTo(80);
        speaks(60_000, 1000);
        assertThat(cushion.millis()).isEqualTo(60);
        speaks(100_000, 60_000);
        assertThat(cushion.millis()).isZero();
        speaks(200_000, 60_000);
        assertThat(cushion.millis()).isZero();
    }

    @Test
    void an_underrun_starts_the_count_anew() {
        underruns(1);
        cushion.began(10_000 * MILLI);
        cushion.ranDry(39_000 * MILLI);
        assertThat(cushion.resumed(39_100 * MILLI)).isTrue();
        assertThat(cushion.millis()).isEqualTo(60);
        speaks(50_000, 29_000);
        assertThat(cushion.millis()).isEqualTo(60);
    }

    private void underruns(int count) {
        for (int i = 0; i < count; i++) {
            cushion.ranDry(i * 1000L * MILLI);
            cushion.resumed(i * 1000L * MILLI + MILLI);
        }
    }

    /** A reply that is interrupted; the next one comes a second later. */
    private void speaks(long fromMillis, long lengthMillis) {
        cushion.began(fromMillis * MILLI);
        cushion.forget((fromMillis + lengthMillis) * MILLI);
        assertThat(cushion.resumed((fromMillis + lengthMillis + 1000) * MILLI)).isFalse();
    }
}
