package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.PipecatcallCacheContract;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import tools.jackson.databind.json.JsonMapper;

@Tag("it")
class WriteBehindCacheIT implements PipecatcallCacheContract {
    private final CountingCacheMeter meter = new CountingCacheMeter();
    private final RedisConnection redis = new RedisConnection(RealRedis.config(), new VirtualClock(), meter);
    private final RedisPipecatcallCache behind = new RedisPipecatcallCache(redis, meter);
    private final WriteBehindCache cache = new WriteBehindCache(behind, meter);

    @Override
    public PipecatcallCache newCache() {
        return cache;
    }

    @AfterEach
    void close() {
        cache.close();
        redis.close();
    }

    @Test
    void what_was_put_is_in_redis_after_the_end_in_its_last_state() {
        var live = Calls.starting(2).withStatus(PipecatcallStatus.LIVE, null, Calls.at(8));
        cache.put(Calls.starting(1));
        cache.put(Calls.starting(2));
        cache.put(live);

        cache.close();

        assertThat(behind.get(Calls.id(1))).contains(Calls.starting(1));
        assertThat(behind.get(Calls.id(2))).contains(live);
        assertThat(meter.failures).hasValue(0);
    }

    @Test
    void more_than_one_exchange_holds_is_written_too() {
        for (int n = 1; n <= 300; n++) {
            cache.put(Calls.starting(n));
        }

        cache.close();

        for (int n = 1; n <= 300; n++) {
            assertThat(behind.get(Calls.id(n))).contains(Calls.starting(n));
        }
    }

    @Test
    void a_server_that_forgot_the_script_gets_it_again() {
        behind.put(Calls.starting(1));
        redis.call(client -> client.scriptFlush(redis.key("pipecatcall:" + Calls.id(1))));
        cache.put(Calls.starting(2));
        cache.put(Calls.starting(3));

        cache.close();

        assertThat(behind.get(Calls.id(2))).contains(Calls.starting(2));
        assertThat(behind.get(Calls.id(3))).contains(Calls.starting(3));
        assertThat(meter.failures).hasValue(0);
    }

    @Test
    void a_record_that_is_over_in_redis_stays_over() {
        behind.put(Calls.ended(1));
        cache.put(Calls.starting(1));

        cache.close();

        assertThat(redis.<@Nullable String>call(client -> client.get(redis.key("pipecatcall:" + Calls.id(1)))))
                .isEqualTo(JsonMapper.shared().writeValueAsString(PipecatcallWire.toMap(Calls.ended(1))));
    }

    @Test
    void what_comes_after_the_end_is_counted_as_failed() {
        cache.close();

        cache.put(Calls.starting(1));

        assertThat(meter.failures).hasValue(1);
    }
}
