package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.PipecatcallCacheContract;
import org.pipecatmanager.ports.out.PipecatcallCache;

class InMemoryPipecatcallCacheTest implements PipecatcallCacheContract {
    @Override
    public PipecatcallCache newCache() {
        return new InMemoryPipecatcallCache(10);
    }

    @Test
    void beyond_the_limit_the_record_that_was_not_used_for_longest_goes() {
        var cache = new InMemoryPipecatcallCache(2);
        cache.put(Calls.bare(1));
        cache.put(Calls.bare(2));
        cache.get(Calls.id(1));
        cache.put(Calls.bare(3));

        assertThat(cache.get(Calls.id(1))).isPresent();
        assertThat(cache.get(Calls.id(2))).isEmpty();
        assertThat(cache.get(Calls.id(3))).isPresent();
    }

    @Test
    void a_cache_that_keeps_nothing_cannot_be_made() {
        assertThatThrownBy(() -> new InMemoryPipecatcallCache(0)).hasMessageContaining("use at least 1");
    }
}
