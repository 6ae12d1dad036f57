package org.pipecatmanager.ports.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.out.Alarms;

class VirtualClockTest {
    private final VirtualClock clock = new VirtualClock();
    private final List<String> rung = new ArrayList<>();

    @Test
    void both_clocks_move_by_what_is_asked_for_and_not_by_themselves() {
        clock.advance(Duration.ofMillis(1500));
        assertThat(clock.now()).isEqualTo(VirtualClock.START.plusMillis(1500));
        assertThat(clock.nanoTime()).isEqualTo(VirtualClock.START_NANOS + 1_500_000_000L);
    }

    @Test
    void due_alarms_ring_in_order_of_time_then_of_setting_at_their_moment() {
        set("b", 20);
        set("c", 20);
        set("a", 10);
        set("late", 31);
        clock.advance(Duration.ofMillis(30));
        assertThat(rung).containsExactly("a at 10", "b at 20", "c at 20");
        assertThat(clock.pendingAlarms()).isEqualTo(1);
        clock.advance(Duration.ofMillis(1));
        assertThat(rung).hasSize(4).endsWith("late at 31");
    }

    @Test
    void alarms_set_by_alarms_ring_in_the_same_advance_when_they_are_due() {
        clock.after(Duration.ofMillis(10), () -> set("next", 10));
        clock.advance(Duration.ofMillis(20));
        assertThat(rung).containsExactly("next at 20");
    }

    @Test
    void an_alarm_without_delay_waits_for_an_advance_of_zero() {
        set("now", 0);
        assertThat(rung).isEmpty();
        clock.advance(Duration.ZERO);
        assertThat(rung).containsExactly("now at 0");
    }

    @Test
    void an_alarm_that_was_called_off_does_not_ring_even_by_one_of_the_same_moment() {
        var second = new ArrayList<Alarms.Alarm>();
        clock.after(Duration.ofMillis(10), () -> second.getFirst().cancel());
        second.add(clock.after(Duration.ofMillis(10), () -> rung.add("second")));
        clock.advance(Duration.ofMillis(10));
        assertThat(rung).isEmpty();
        assertThat(clock.pendingAlarms()).isZero();
    }

    @Test
    void an_alarm_cannot_advance_time() {
        clock.after(Duration.ofMillis(1), () -> clock.advance(Duration.ofMillis(1)));
        assertThatThrownBy(() -> clock.advance(Duration.ofMillis(1))).isInstanceOf(IllegalStateException.class);
    }

    private void set(String name, int delayMillis) {
        clock.after(
                Duration.ofMillis(delayMillis),
                () -> rung.add(name + " at " + (clock.nanoTime() - VirtualClock.START_NANOS) / 1_000_000));
    }
}
