package org.pipecatmanager.domain.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.FakeOrphanedCalls;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** What an earlier run of a daemon left. */
class ClaimsTest {
    private static final HostInstance SELF = new HostInstance("10.0.0.1", "this-run");
    private static final HostInstance EARLIER = new HostInstance("10.0.0.1", "an-earlier-run");

    private final Fleet fleet = new Fleet();
    private final Fleet.Daemon daemon = fleet.new Daemon(SELF);

    @Test
    void it_is_closed_whatever_leases_and_pings_say() {
        fleet.own(EARLIER, 2);
        fleet.leases.renew(EARLIER, Duration.ofHours(1));
        fleet.hosts.answer(EARLIER);

        assertThat(daemon.claims.claimOwnLeftovers()).isEqualTo(2);

        assertThat(fleet.store.claims()).containsExactly(EARLIER);
        assertThat(fleet.hosts.pinged()).isEmpty();
        assertThat(daemon.cached).hasSize(2);
        assertThat(daemon.media.stopped()).hasSize(2);
        assertThat(daemon.told).isEqualTo(1);
    }

    @Test
    void what_belongs_to_this_run_or_to_another_host_stays() {
        fleet.own(SELF, 1);
        fleet.own(new HostInstance("10.0.0.2", "an-earlier-run"), 1);

        assertThat(daemon.claims.claimOwnLeftovers()).isZero();

        assertThat(fleet.store.claims()).isEmpty();
    }

    @Test
    void every_earlier_run_is_dealt_with() {
        fleet.own(EARLIER, 1);
        fleet.own(new HostInstance("10.0.0.1", "the-one-before"), 1);
        assertThat(daemon.claims.claimOwnLeftovers()).isEqualTo(2);
    }

    @Test
    void a_store_that_is_away_is_told_to_who_starts_the_daemon() {
        fleet.store.away(true);
        assertThatThrownBy(daemon.claims::claimOwnLeftovers).isInstanceOf(StoreException.class);
    }

    @Test
    void neither_a_cache_nor_a_platform_is_needed() {
        var store = new FakeOrphanedCalls();
        store.own(EARLIER, Calls.starting(1), Calls.bare(2));
        var clock = new VirtualClock();
        var claims = new Claims(
                SELF,
                new ClaimPorts(store, null, null, clock, clock, (name, task) -> task.run(), LeaseMeter.NONE),
                () -> {});
        assertThat(claims.claimOwnLeftovers()).isEqualTo(2);
    }

    @Test
    void a_conversation_in_writing_has_no_media_to_stop_and_a_telephone_call_always_has() {
        fleet.store.own(
                EARLIER,
                call(1, ReferenceType.AI_CALL, "", ""),
                call(2, ReferenceType.AI_CALL, "deepgram", ""),
                call(3, ReferenceType.AI_CALL, "", "cartesia"),
                call(4, ReferenceType.CALL, "", ""));

        assertThat(daemon.claims.claimOwnLeftovers()).isEqualTo(4);

        assertThat(daemon.media.stopped()).containsExactly(Calls.id(2), Calls.id(3), Calls.id(4));
    }

    private static Pipecatcall call(long n, ReferenceType type, String sttType, String ttsType) {
        return Pipecatcall.accepted(
                new StartCommand(
                        Calls.id(n),
                        Ids.ZERO,
                        Ids.ZERO,
                        type,
                        Ids.ZERO,
                        "",
                        List.of(),
                        sttType,
                        "",
                        ttsType,
                        "",
                        "",
                        ""),
                EARLIER.hostId(),
                Calls.at(n));
    }

    @Test
    void a_call_that_refers_to_nothing_has_no_media_to_stop() {
        fleet.store.own(EARLIER, Calls.bare(1));
        daemon.claims.claimOwnLeftovers();
        assertThat(daemon.media.stopped()).isEmpty();
    }
}
