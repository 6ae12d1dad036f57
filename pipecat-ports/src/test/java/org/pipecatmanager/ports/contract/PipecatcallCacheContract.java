package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallCache;

/** Every {@link PipecatcallCache} passes this. */
public interface PipecatcallCacheContract {
    /** A cache without a record that keeps at least 10. */
    PipecatcallCache newCache();

    @Test
    default void a_record_is_read_as_it_was_written() {
        var cache = newCache();
        cache.put(Calls.starting(1));
        cache.put(Calls.bare(2));
        cache.put(Calls.ended(3));

        assertThat(cache.get(Calls.id(1))).contains(Calls.starting(1));
        assertThat(cache.get(Calls.id(2))).contains(Calls.bare(2));
        assertThat(cache.get(Calls.id(3))).contains(Calls.ended(3));
    }

    @Test
    default void an_unknown_id_has_no_record() {
        var cache = newCache();
        cache.put(Calls.starting(1));

        assertThat(cache.get(Calls.id(2))).isEmpty();
    }

    @Test
    default void a_later_state_replaces_an_earlier_one() {
        var cache = newCache();
        var live = Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(8));
        var ended = live.withStatus(PipecatcallStatus.ENDED, EndReason.CALLER_HUNG_UP, Calls.at(9));

        cache.put(Calls.starting(1));
        cache.put(live);
        assertThat(cache.get(Calls.id(1))).contains(live);
        cache.put(ended);
        assertThat(cache.get(Calls.id(1))).contains(ended);
    }

    @Test
    default void a_state_that_was_read_before_an_update_does_not_undo_it() {
        var cache = newCache();
        var live = Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(8));

        cache.put(live);
        cache.put(Calls.starting(1));

        assertThat(cache.get(Calls.id(1))).contains(live);
    }

    @Test
    default void a_record_that_is_over_stays_over_whatever_the_clocks_say() {
        var cache = newCache();
        var ended = Calls.ended(1);
        cache.put(ended);

        cache.put(Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(500)));

        assertThat(cache.get(Calls.id(1))).contains(ended);
    }

    @Test
    default void the_end_is_taken_also_from_a_host_whose_clock_is_behind() {
        var cache = newCache();
        cache.put(Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(500)));

        cache.put(Calls.ended(1));

        assertThat(cache.get(Calls.id(1))).contains(Calls.ended(1));
    }

    @Test
    default void an_end_may_be_corrected() {
        var cache = newCache();
        var corrected = Calls.starting(1).withStatus(PipecatcallStatus.ENDED, EndReason.HOST_LOST, Calls.at(1));
        cache.put(Calls.ended(1));

        cache.put(corrected);

        assertThat(cache.get(Calls.id(1))).contains(corrected);
    }
}
