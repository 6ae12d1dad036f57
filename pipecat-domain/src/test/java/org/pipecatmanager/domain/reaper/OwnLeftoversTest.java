package org.pipecatmanager.domain.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** When a daemon that starts may close what stands under its host id. */
class OwnLeftoversTest {
    private static final HostInstance SELF = new HostInstance("10.0.0.1", "this-run");
    private static final HostInstance EARLIER = new HostInstance("10.0.0.1", "an-earlier-run");
    private static final HostInstance BEFORE = new HostInstance("10.0.0.1", "the-one-before");
    private static final Duration START = Duration.ofSeconds(60);

    private final Fleet fleet = new Fleet();
    private final Fleet.Daemon daemon = fleet.new Daemon(SELF);
    private final List<String> told = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private final OwnLeftovers leftovers = new OwnLeftovers(
            daemon.claims,
            fleet.leases,
            pause -> {
                fleet.clock.advance(pause);
                meanwhile.run();
            },
            told::add);

    private Duration passed() {
        return Duration.between(VirtualClock.START, fleet.clock.now());
    }

    @Test
    void what_a_run_left_that_gave_its_lease_back_is_closed_at_once() throws Exception {
        fleet.own(EARLIER, 2);
        fleet.own(BEFORE, 1);

        assertThat(leftovers.claim(START)).isEqualTo(3);

        assertThat(fleet.store.claims()).containsExactlyInAnyOrder(EARLIER, BEFORE);
        assertThat(passed()).isZero();
        assertThat(told).isEmpty();
    }

    @Test
    void a_run_that_was_killed_is_waited_for_until_its_lease_runs_out() throws Exception {
        fleet.own(EARLIER, 2);
        fleet.leases.renew(EARLIER, LeaseKeeper.TTL);

        assertThat(leftovers.claim(START)).isEqualTo(2);

        assertThat(passed()).isEqualTo(LeaseKeeper.TTL);
        assertThat(told)
                .hasSize(4)
                .containsOnly(
                        "an earlier run as 10.0.0.1, instance an-earlier-run, still holds its lease; waiting for it"
                                + " to run out");
    }

    @Test
    void a_daemon_that_is_alive_under_our_host_id_keeps_its_calls_and_we_do_not_start() {
        fleet.own(EARLIER, 2);
        fleet.own(BEFORE, 1);
        meanwhile = () -> fleet.leases.renew(EARLIER, LeaseKeeper.TTL);
        meanwhile.run();

        assertThatThrownBy(() -> leftovers.claim(START))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "another daemon runs as POD_IP=10.0.0.1 (instance an-earlier-run): it has kept its lease for"
                                + " 12 s; give each daemon its own address, or stop the other one");

        assertThat(passed()).isEqualTo(OwnLeftovers.PATIENCE);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void one_that_takes_its_first_call_while_we_wait_keeps_it_too() {
        fleet.own(BEFORE, 1);
        fleet.leases.renew(BEFORE, LeaseKeeper.TTL);
        meanwhile = () -> {
            fleet.leases.renew(EARLIER, LeaseKeeper.TTL);
            fleet.own(EARLIER, 1);
        };

        assertThatThrownBy(() -> leftovers.claim(START)).isInstanceOf(ConfigurationException.class);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void leases_out_of_reach_are_asked_again_and_nothing_is_claimed_before_they_answer() throws Exception {
        fleet.own(EARLIER, 1);
        fleet.leases.away(true);
        meanwhile = () -> {
            assertThat(fleet.store.claims()).isEmpty();
            if (passed().compareTo(Duration.ofSeconds(30)) >= 0) {
                fleet.leases.away(false);
            }
        };

        assertThat(leftovers.claim(START)).isEqualTo(1);

        assertThat(passed()).isEqualTo(Duration.ofSeconds(30));
        assertThat(told)
                .hasSize(10)
                .allMatch(
                        sentence -> sentence.startsWith("whether another daemon runs as 10.0.0.1 cannot be found out"));
    }

    @Test
    void leases_out_of_reach_for_the_whole_start_end_it() {
        fleet.own(EARLIER, 1);
        fleet.leases.away(true);

        assertThatThrownBy(() -> leftovers.claim(START))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll("10.0.0.1", "60 s", "the test's leases cannot be reached");

        assertThat(passed()).isEqualTo(START);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void without_leftovers_the_leases_are_not_needed() throws Exception {
        fleet.own(SELF, 1);
        fleet.own(new HostInstance("10.0.0.2", "another"), 1);
        fleet.leases.away(true);

        assertThat(leftovers.claim(START)).isZero();
        assertThat(fleet.store.claims()).isEmpty();
    }
}
