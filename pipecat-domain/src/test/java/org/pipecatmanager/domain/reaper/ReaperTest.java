package org.pipecatmanager.domain.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.domain.reaper.Fleet.Daemon;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Who is taken for dead, and what happens to its calls. */
class ReaperTest {
    private final Fleet fleet = new Fleet();

    /** True the first time. */
    private static BooleanSupplier onlyOnce() {
        var first = new AtomicBoolean(true);
        return () -> first.getAndSet(false);
    }

    @Test
    void the_calls_of_a_dead_daemon_are_closed_within_thirty_seconds() {
        Daemon alive = fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 3);

        fleet.pass(9);
        assertThat(fleet.store.closed()).isEmpty();
        fleet.pass(21);

        assertThat(fleet.store.closed()).hasSize(3).allSatisfy(call -> {
            assertThat(call.status()).isEqualTo(PipecatcallStatus.ENDED);
            assertThat(call.endReason()).isEqualTo(EndReason.HOST_LOST);
        });
        assertThat(fleet.store.claims()).containsExactly(gone);
        assertThat(alive.cached.values()).containsExactlyElementsOf(fleet.store.closed());
        assertThat(alive.media.stopped()).containsExactly(Calls.id(1), Calls.id(2), Calls.id(3));
        assertThat(alive.metered).contains("claimed 3");
        assertThat(alive.told).isEqualTo(1);
    }

    @Test
    void a_daemon_that_holds_its_lease_is_not_even_pinged() {
        fleet.daemon("10.0.0.1");
        HostInstance other = new HostInstance("10.0.0.2", "run");
        fleet.own(other, 1);
        fleet.leases.renew(other, Duration.ofHours(1));

        fleet.pass(60);

        assertThat(fleet.store.claims()).isEmpty();
        assertThat(fleet.hosts.pinged()).isEmpty();
    }

    @Test
    void a_daemon_that_lost_its_lease_and_answers_keeps_its_calls() {
        fleet.daemon("10.0.0.1");
        HostInstance cutOff = fleet.died("10.0.0.2", 1);
        fleet.hosts.answer(cutOff);

        fleet.pass(60);

        assertThat(fleet.hosts.pinged()).contains("10.0.0.2");
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void a_host_that_answers_as_another_run_has_lost_the_calls_of_the_old_one() {
        fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 1);
        fleet.hosts.answer(new HostInstance("10.0.0.2", "another-run"));

        fleet.pass(30);

        assertThat(fleet.store.claims()).containsExactly(gone);
    }

    @Test
    void a_host_that_answers_without_a_run_is_another_implementation() {
        fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 1);
        fleet.hosts.answer("10.0.0.2", () -> new Ping("10.0.0.2", VirtualClock.START, ""));

        fleet.pass(30);

        assertThat(fleet.store.claims()).containsExactly(gone);
    }

    @Test
    void an_error_for_an_answer_proves_nothing() {
        fleet.daemon("10.0.0.1");
        fleet.died("10.0.0.2", 1);
        fleet.hosts.answer("10.0.0.2", () -> {
            throw RequestException.notFound();
        });
        fleet.pass(60);
        assertThat(fleet.store.claims()).isEmpty();

        fleet.hosts.answer("10.0.0.2", () -> {
            throw new ManagerException(ManagerException.Kind.REFUSED, "unreadable", null);
        });
        fleet.pass(60);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void while_our_own_queue_does_not_answer_either_silence_tells_of_the_broker() {
        fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 1);
        fleet.hosts.brokerAway(true);
        fleet.pass(60);
        assertThat(fleet.store.claims()).isEmpty();

        fleet.hosts.brokerAway(false);
        fleet.pass(5);

        assertThat(fleet.store.claims()).containsExactly(gone);
    }

    @Test
    void nobody_claims_until_the_leases_were_in_reach_for_longer_than_one_lasts() {
        Daemon alive = fleet.daemon("10.0.0.1");
        fleet.leases.away(true);
        fleet.own(new HostInstance("10.0.0.2", "run"), 1);
        fleet.pass(120);
        assertThat(fleet.store.claims()).isEmpty();

        fleet.leases.away(false);
        fleet.pass(10);
        assertThat(fleet.store.claims()).isEmpty();
        fleet.pass(10);

        assertThat(fleet.store.claims()).hasSize(1);
        assertThat(alive.metered)
                .containsSubsequence("renewed true", "reachable true", "renewed false", "reachable false");
        assertThat(alive.metered.stream().filter("reachable false"::equals)).hasSize(1);
        assertThat(alive.metered.stream().filter("reachable true"::equals)).hasSize(2);
    }

    @Test
    void leases_that_come_and_go_are_never_believed() {
        fleet.daemon("10.0.0.1");
        fleet.own(new HostInstance("10.0.0.2", "run"), 1);
        for (int i = 0; i < 20; i++) {
            fleet.leases.away(true);
            fleet.pass(4);
            fleet.leases.away(false);
            fleet.pass(8);
        }
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void leases_that_go_in_the_middle_of_a_look_stop_it() {
        fleet.daemon("10.0.0.1");
        fleet.own(new HostInstance("10.0.0.2", "run"), 1);
        fleet.own(new HostInstance("10.0.0.3", "run"), 1);
        fleet.store.beforeClaim(() -> fleet.leases.away(true));

        fleet.pass(60);

        assertThat(fleet.store.claims()).hasSize(1);
    }

    @Test
    void while_the_store_is_away_nobody_claims_and_all_is_made_up_for_later() {
        fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 1);
        fleet.store.away(true);
        fleet.pass(60);
        assertThat(fleet.store.closed()).isEmpty();

        fleet.store.away(false);
        fleet.pass(5);

        assertThat(fleet.store.claims()).containsExactly(gone);
    }

    @Test
    void a_store_that_goes_in_the_middle_leaves_the_rest_for_the_next_look() {
        fleet.daemon("10.0.0.1");
        fleet.died("10.0.0.2", 150);
        fleet.store.beforeClaim(() -> fleet.store.away(!fleet.store.closed().isEmpty()));
        fleet.pass(30);
        assertThat(fleet.store.closed()).hasSize(100);

        fleet.store.beforeClaim(() -> {});
        fleet.store.away(false);
        fleet.pass(5);

        assertThat(fleet.store.closed()).hasSize(150);
    }

    @Test
    void many_calls_are_closed_in_pages_until_none_is_left() {
        Daemon alive = fleet.daemon("10.0.0.1");
        fleet.died("10.0.0.2", 200);

        fleet.pass(30);

        assertThat(fleet.store.claims()).hasSize(3);
        assertThat(fleet.store.closed()).hasSize(200);
        assertThat(alive.cached).hasSize(200);
        assertThat(alive.media.stopped()).hasSize(200);
        assertThat(alive.metered)
                .containsSubsequence("claimed 100", "claimed 100")
                .doesNotContain("claimed 0");
    }

    @Test
    void events_that_a_dead_daemon_did_not_send_are_taken_over_without_a_call() {
        Daemon alive = fleet.daemon("10.0.0.1");
        HostInstance gone = fleet.died("10.0.0.2", 0);

        fleet.pass(30);

        assertThat(fleet.store.claims()).containsExactly(gone);
        assertThat(alive.told).isEqualTo(1);
        assertThat(alive.media.stopped()).isEmpty();
    }

    @Test
    void two_daemons_that_claim_in_turns_close_each_call_once() {
        Daemon one = fleet.daemon("10.0.0.1");
        Daemon two = fleet.daemon("10.0.0.2");
        HostInstance gone = fleet.died("10.0.0.3", 250);
        var twosTurn = new AtomicBoolean(true);
        fleet.store.beforeClaim(() -> {
            if (twosTurn.getAndSet(false)) {
                two.claims.claim(gone, onlyOnce());
            }
        });

        fleet.pass(60);

        assertThat(fleet.store.closed()).hasSize(250).doesNotHaveDuplicates();
        assertThat(one.media.stopped()).hasSize(150);
        assertThat(two.media.stopped()).hasSize(100);
    }

    @Test
    void a_daemon_takes_its_lease_at_once_and_keeps_it() {
        Daemon alive = fleet.daemon("10.0.0.1");
        assertThat(fleet.leases.holds(alive.self)).isTrue();
        for (int i = 0; i < 100; i++) {
            fleet.pass(1);
            assertThat(fleet.leases.holds(alive.self)).isTrue();
        }
    }

    @Test
    void its_own_calls_are_never_claimed_even_without_a_lease() {
        Daemon alive = fleet.daemon("10.0.0.1");
        fleet.own(alive.self, 1);
        for (int i = 0; i < 20; i++) {
            fleet.leases.forgetAll();
            fleet.pass(1);
        }
        fleet.pass(60);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void a_daemon_frozen_for_longer_than_its_lease_is_claimed_from_and_claims_nobody_when_it_comes_back() {
        Daemon frozen = fleet.daemon("10.0.0.1");
        Daemon alive = fleet.daemon("10.0.0.2");
        fleet.own(frozen.self, 1);
        fleet.own(alive.self, 1);
        fleet.pass(30);

        frozen.freeze();
        fleet.pass(30);
        assertThat(fleet.store.claims()).containsExactly(frozen.self);
        frozen.thaw();

        fleet.pass(60);
        assertThat(fleet.leases.holds(frozen.self)).isTrue();
        assertThat(fleet.store.claims()).containsExactly(frozen.self);
    }

    @Test
    void of_two_daemons_that_stood_still_together_the_first_to_come_back_does_not_claim() {
        Daemon first = fleet.daemon("10.0.0.1");
        Daemon second = fleet.daemon("10.0.0.2");
        fleet.own(first.self, 1);
        fleet.own(second.self, 1);
        fleet.pass(30);
        first.freeze();
        second.freeze();
        fleet.pass(20);

        first.thaw();
        fleet.pass(9);
        second.thaw();
        fleet.pass(60);

        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void evidence_from_before_a_stand_still_is_not_acted_upon() {
        fleet.daemon("10.0.0.1");
        HostInstance suspect = fleet.died("10.0.0.2", 1);
        fleet.hosts.answer("10.0.0.2", () -> {
            fleet.time.jump(Duration.ofSeconds(20));
            fleet.hosts.answer(suspect);
            throw new ManagerException(ManagerException.Kind.UNREACHABLE, "no answer", null);
        });

        fleet.pass(60);

        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void the_end_gives_the_lease_back_and_leaves_nothing_behind() {
        Daemon alive = fleet.daemon("10.0.0.1");
        fleet.died("10.0.0.2", 1);
        fleet.pass(5);

        alive.reaper.close();
        alive.reaper.close();

        assertThat(fleet.leases.holds(alive.self)).isFalse();
        assertThat(fleet.clock.pendingAlarms()).isZero();
        fleet.pass(60);
        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void the_end_does_not_need_the_leases() {
        Daemon alive = fleet.daemon("10.0.0.1");
        fleet.leases.away(true);
        alive.reaper.close();
        assertThat(fleet.clock.pendingAlarms()).isZero();
    }
}
