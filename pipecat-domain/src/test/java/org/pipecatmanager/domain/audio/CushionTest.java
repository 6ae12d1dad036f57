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
        cushion.forget();
        assertThat(cushion.resumed(20 * MILLI)).isFalse();
        assertThat(cushion.millis()).isZero();
    }
}
