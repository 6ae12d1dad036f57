package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OldGenerationTest {
    private long alive = 18L << 20;
    private long used = alive;
    private int sessions;
    private int collections;
    private final OldGeneration generation = new OldGeneration(() -> used, () -> sessions, this::collect);

    @Test
    void without_a_session_little_growth_is_enough() {
        cleared();
        used += OldGeneration.IDLE_GROWTH_BYTES - 1;
        generation.look();
        assertThat(collections).isZero();
        used++;
        generation.look();
        assertThat(collections).isOne();
        generation.look();
        assertThat(collections).isOne();
    }

    @Test
    void with_sessions_it_may_grow_but_not_for_ever() {
        cleared();
        sessions = 1;
        used += OldGeneration.GROWTH_BYTES - 1;
        generation.look();
        assertThat(collections).isZero();
        used++;
        generation.look();
        assertThat(collections).isOne();
    }

    @Test
    void what_others_cleared_is_where_growth_begins_anew() {
        cleared();
        sessions = 1;
        used -= 10L << 20;
        generation.look();
        used += OldGeneration.GROWTH_BYTES;
        generation.look();
        assertThat(collections).isOne();
    }

    @Test
    void what_is_alive_may_double() {
        alive = 2 * OldGeneration.GROWTH_BYTES;
        used = alive;
        cleared();
        sessions = 1;
        used += alive - 1;
        generation.look();
        assertThat(collections).isZero();
        used++;
        generation.look();
        assertThat(collections).isOne();
    }

    /** What a start left is cleared at the first look. */
    private void cleared() {
        generation.look();
        assertThat(collections).isOne();
        collections = 0;
    }

    private void collect() {
        collections++;
        used = Math.min(used, alive);
    }
}
