package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;

/** Every {@link HostLeases} passes this. */
public interface HostLeasesContract {
    /** Longer than any test takes. */
    Duration LONG = Duration.ofMinutes(10);

    HostInstance ONE = new HostInstance("10.0.0.1", "a1");
    HostInstance SUCCESSOR_OF_ONE = new HostInstance("10.0.0.1", "a2");
    HostInstance OTHER = new HostInstance("10.0.0.2", "a1");

    /** Leases that nobody holds yet. */
    HostLeases newLeases();

    /** Lets leases that were taken for {@code ttl} or less run out. */
    void letRunOut(HostLeases leases, HostInstance holder, Duration ttl);

    @Test
    default void nobody_holds_a_lease_at_first() {
        assertThat(newLeases().held(List.of(ONE, OTHER))).isEmpty();
    }

    @Test
    default void those_who_took_a_lease_hold_it() {
        var leases = newLeases();
        leases.renew(ONE, LONG);
        leases.renew(OTHER, LONG);

        assertThat(leases.held(List.of(ONE, SUCCESSOR_OF_ONE, OTHER))).containsExactlyInAnyOrder(ONE, OTHER);
    }

    @Test
    default void only_candidates_are_told() {
        var leases = newLeases();
        leases.renew(ONE, LONG);
        leases.renew(OTHER, LONG);

        assertThat(leases.held(Set.of(OTHER))).containsExactly(OTHER);
        assertThat(leases.held(List.of())).isEmpty();
    }

    @Test
    default void an_instance_does_not_hold_the_lease_of_its_successor() {
        var leases = newLeases();
        leases.renew(SUCCESSOR_OF_ONE, LONG);

        assertThat(leases.held(List.of(ONE))).isEmpty();
    }

    @Test
    default void a_lease_that_is_not_renewed_runs_out() {
        var leases = newLeases();
        leases.renew(ONE, Duration.ofMillis(50));
        leases.renew(OTHER, LONG);

        letRunOut(leases, ONE, Duration.ofMillis(50));

        assertThat(leases.held(List.of(ONE, OTHER))).containsExactly(OTHER);
    }

    @Test
    default void a_renewed_lease_is_held_for_its_new_time() {
        var leases = newLeases();
        leases.renew(ONE, Duration.ofMillis(50));
        leases.renew(ONE, LONG);
        leases.renew(OTHER, Duration.ofMillis(50));

        letRunOut(leases, OTHER, Duration.ofMillis(50));

        assertThat(leases.held(List.of(ONE))).containsExactly(ONE);
    }

    @Test
    default void a_released_lease_is_gone_at_once_and_may_be_released_again() {
        var leases = newLeases();
        leases.renew(ONE, LONG);
        leases.renew(OTHER, LONG);

        leases.release(ONE);
        leases.release(ONE);

        assertThat(leases.held(List.of(ONE, OTHER))).containsExactly(OTHER);
    }
}
