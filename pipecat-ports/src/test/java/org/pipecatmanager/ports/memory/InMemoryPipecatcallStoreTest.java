package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.PipecatcallStoreContract;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.out.PipecatcallStore;

class InMemoryPipecatcallStoreTest implements PipecatcallStoreContract {
    @Override
    public PipecatcallStore newStore() {
        return new InMemoryPipecatcallStore(50);
    }

    @Test
    void beyond_the_limit_the_oldest_ended_record_is_forgotten() {
        var store = new InMemoryPipecatcallStore(3);
        store.insert(Calls.starting(1), "h");
        store.insert(Calls.ended(3), "h");
        store.insert(Calls.ended(2), "h");
        store.insert(Calls.starting(4), "h");

        assertThat(all(store)).containsExactly(Calls.starting(4), Calls.ended(3), Calls.starting(1));
        assertThat(store.find(Calls.id(2))).isEmpty();
        assertThat(store.requestHash(Calls.id(2))).isEmpty();
    }

    @Test
    void live_records_are_kept_beyond_the_limit_and_go_when_they_end() {
        var store = new InMemoryPipecatcallStore(2);
        for (long n = 1; n <= 4; n++) {
            store.insert(Calls.starting(n), "h");
        }
        assertThat(all(store)).hasSize(4);

        store.update(Calls.ended(2));
        assertThat(all(store)).containsExactly(Calls.starting(4), Calls.starting(3), Calls.starting(1));
        store.update(Calls.ended(4));
        assertThat(all(store)).containsExactly(Calls.starting(3), Calls.starting(1));
        store.update(Calls.ended(1));
        assertThat(all(store)).containsExactly(Calls.starting(3), Calls.ended(1));
    }

    @Test
    void a_record_that_is_live_again_is_no_longer_forgotten() {
        var store = new InMemoryPipecatcallStore(1);
        store.insert(Calls.ended(1), "h");
        store.update(Calls.starting(1));
        store.insert(Calls.starting(2), "h");
        assertThat(all(store)).hasSize(2);
    }

    @Test
    void a_store_that_keeps_nothing_cannot_be_made() {
        assertThatThrownBy(() -> new InMemoryPipecatcallStore(0)).hasMessageContaining("use at least 1");
    }

    private static List<Pipecatcall> all(PipecatcallStore store) {
        return store.list(ListQuery.all()).result();
    }
}
