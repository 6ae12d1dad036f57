package org.pipecatmanager.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GridTest {
    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void lateness_counts_from_the_earliest_frame_of_the_grid() {
        long[] arrivals = {millis(3), millis(21), millis(40), millis(68)};
        Samples late = new Samples(4);

        assertThat(Grid.lateness(arrivals, 4, late)).isZero();
        assertThat(late.percentile(0)).isZero();
        assertThat(late.max()).isCloseTo(8, within(1e-6));
        assertThat(late.percentile(0.5)).isCloseTo(1, within(1e-6));
    }

    @Test
    void after_a_stall_the_grid_begins_anew_and_the_stall_is_told_once() {
        long[] arrivals = {0, millis(20), millis(220), millis(240), millis(260)};
        Samples late = new Samples(4);

        assertThat(Grid.lateness(arrivals, 5, late)).isEqualTo(1);
        assertThat(late.max()).isCloseTo(180, within(1e-6));
        assertThat(late.shareBelow(1)).isCloseTo(5 / 6.0, within(1e-6));
    }

    @Test
    void percentiles_are_of_the_nearest_rank() {
        Samples samples = new Samples(1);
        for (int n = 1; n <= 100; n++) {
            samples.add(millis(n));
        }

        assertThat(samples.percentile(0.5)).isEqualTo(50);
        assertThat(samples.percentile(0.99)).isEqualTo(99);
        assertThat(samples.percentile(0.999)).isEqualTo(100);
        assertThat(samples.max()).isEqualTo(100);
        assertThat(new Samples(1).percentile(0.5)).isNaN();
    }
}
