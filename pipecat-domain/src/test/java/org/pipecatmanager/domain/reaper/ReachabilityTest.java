package org.pipecatmanager.domain.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a missing lease means something. */
class ReachabilityTest {
    private final Reachability reachability = new Reachability(Duration.ofSeconds(10), Duration.ofSeconds(6));
    /** A monotonic clock may well be below zero. */
    private long now = -seconds(3);

    private static long seconds(long value) {
        return Duration.ofSeconds(value).toNanos();
    }

    /** A contact every three seconds, for so long. */
    private void contactFor(long howLong) {
        for (long passed = 0; passed < howLong; passed += 3) {
            now += seconds(3);
            reachability.succeeded(now);
        }
    }

    @Test
    void nothing_is_believed_before_the_first_contact() {
        assertThat(reachability.isSteady(now + seconds(100))).isFalse();
    }

    @Test
    void it_is_believed_after_more_than_one_lease_of_contact() {
        reachability.succeeded(now);
        contactFor(9);
        assertThat(reachability.isSteady(now + seconds(1))).isFalse();
        assertThat(reachability.isSteady(now + seconds(1) + 1)).isTrue();
    }

    @Test
    void one_failure_begins_it_anew() {
        reachability.succeeded(now);
        contactFor(30);
        assertThat(reachability.isSteady(now)).isTrue();

        reachability.failed();

        assertThat(reachability.isSteady(now)).isFalse();
        contactFor(9);
        assertThat(reachability.isSteady(now)).isFalse();
        contactFor(6);
        assertThat(reachability.isSteady(now)).isTrue();
    }

    @Test
    void a_process_that_stood_still_begins_anew_before_and_after_its_first_contact() {
        reachability.succeeded(now);
        contactFor(30);

        now += seconds(6) + 1;
        assertThat(reachability.isSteady(now)).isFalse();
        reachability.succeeded(now);

        assertThat(reachability.isSteady(now)).isFalse();
        contactFor(12);
        assertThat(reachability.isSteady(now)).isTrue();
    }

    @Test
    void two_missed_contacts_are_no_interruption() {
        reachability.succeeded(now);
        contactFor(30);
        now += seconds(6);
        assertThat(reachability.isSteady(now)).isTrue();
        reachability.succeeded(now);
        assertThat(reachability.isSteady(now)).isTrue();
    }
}
