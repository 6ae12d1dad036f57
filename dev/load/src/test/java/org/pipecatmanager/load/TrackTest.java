package org.pipecatmanager.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrackTest {
    private final Window window = new Window();
    private final Track track = new Track(window, 100);

    TrackTest() {
        window.open();
    }

    private void send(int frames) {
        for (int n = 0; n < frames; n++) {
            track.send(1_000L * n);
        }
    }

    private void receive(int... marks) {
        for (int mark : marks) {
            track.arrived(mark, 1_000_000);
        }
    }

    @Test
    void nothing_is_missing_where_all_came() {
        send(4);
        receive(0, 1, 2, 3);
        track.settle();

        assertThat(track.lost() + track.repeated() + track.reordered() + track.unknown() + track.silent())
                .isZero();
        assertThat(track.latency().size()).isEqualTo(4);
    }

    @Test
    void what_went_before_the_first_that_came_does_not_count() {
        send(4);
        receive(2, 3);
        track.settle();

        assertThat(track.lost()).isZero();
    }

    @Test
    void gaps_in_the_middle_and_at_the_end_are_losses() {
        send(8);
        receive(0, 1, 4, 5);
        track.settle();

        assertThat(track.lost()).isEqualTo(4);
    }

    @Test
    void what_comes_twice_or_late_is_told_apart() {
        send(4);
        receive(0, 1, 1, 3, 2, Marks.SILENCE, Marks.UNKNOWN);
        track.settle();

        assertThat(track.repeated()).isEqualTo(1);
        assertThat(track.reordered()).isEqualTo(1);
        assertThat(track.silent()).isEqualTo(1);
        assertThat(track.unknown()).isEqualTo(1);
    }

    @Test
    void a_level_made_up_that_looks_like_a_later_frame_is_none() {
        send(4);
        receive(0, 1, 2, 3, 20);
        track.settle();

        assertThat(track.unknown()).isEqualTo(1);
        assertThat(track.lost()).isZero();
    }

    @Test
    void the_count_goes_round() {
        for (int n = 0; n < Marks.COUNT + 2; n++) {
            send(1);
            receive(n % Marks.COUNT);
        }
        track.settle();

        assertThat(track.lost()).isZero();
        assertThat(track.latency().size()).isEqualTo(Marks.COUNT + 2);
    }
}
