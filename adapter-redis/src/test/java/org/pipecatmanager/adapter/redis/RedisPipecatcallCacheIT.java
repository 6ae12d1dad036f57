package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.PipecatcallCacheContract;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import tools.jackson.databind.json.JsonMapper;

@Tag("it")
class RedisPipecatcallCacheIT implements PipecatcallCacheContract {
    private final CountingCacheMeter meter = new CountingCacheMeter();
    private final RedisConnection redis = new RedisConnection(RealRedis.config(), new VirtualClock(), meter);
    private final String key = redis.key("pipecatcall:" + Calls.id(1));

    @Override
    public PipecatcallCache newCache() {
        return new RedisPipecatcallCache(redis, meter);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void the_value_is_the_record_as_rpc_answers_it_and_stays_for_a_day() {
        newCache().put(Calls.starting(1));

        assertThat(redis.<@Nullable String>call(client -> client.get(key)))
                .isEqualTo(JsonMapper.shared().writeValueAsString(PipecatcallWire.toMap(Calls.starting(1))))
                .startsWith("{\"id\":\"" + Calls.id(1) + "\",\"customer_id\":\"");
        assertThat(redis.<Long>call(client -> client.ttl(key))).isBetween(24 * 3600L - 600, 24 * 3600L);
    }

    @Test
    void a_write_prolongs_the_day() {
        var cache = newCache();
        cache.put(Calls.starting(1));
        redis.call(client -> client.expire(key, 60));

        cache.put(Calls.starting(1));

        assertThat(redis.<Long>call(client -> client.ttl(key))).isGreaterThan(3600L);
    }

    @Test
    void hits_and_misses_are_counted() {
        var cache = newCache();
        cache.get(Calls.id(1));
        cache.put(Calls.starting(1));
        cache.get(Calls.id(1));
        cache.get(Calls.id(1));

        assertThat(List.of(meter.hits.get(), meter.misses.get(), meter.unreadables.get(), meter.failures.get()))
                .containsExactly(2, 1, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "17",
                "{}",
                "{\"id\":\"00000000-0000-0000-0000-000000000000\"}",
                "{\"id\":17}",
                "{\"id\":\"11111111-2222-3333-4444-555555555555\",\"reference_type\":\"call\"}"
            })
    void what_cannot_be_read_is_none_and_is_overwritten(String foreign) {
        var cache = newCache();
        redis.call(client -> client.set(key, foreign));

        assertThat(cache.get(Calls.id(1))).isEmpty();
        assertThat(meter.unreadables).hasValue(1);

        cache.put(Calls.starting(1));
        assertThat(cache.get(Calls.id(1))).contains(Calls.starting(1));
        assertThat(meter.failures).hasValue(0);
    }

    @Test
    void a_key_of_another_type_is_none_and_is_overwritten_and_redis_is_not_away_for_it() {
        var cache = newCache();
        redis.call(client -> client.rpush(key, "a"));

        assertThat(cache.get(Calls.id(1))).isEmpty();
        assertThat(meter.unreadables).hasValue(1);
        assertThat(redis.isUp()).isTrue();

        cache.put(Calls.starting(1));
        assertThat(cache.get(Calls.id(1))).contains(Calls.starting(1));
    }

    @Test
    void a_record_of_another_implementation_is_read_and_replaced_although_its_moments_are_written_differently() {
        var cache = newCache();
        redis.call(
                client -> client.set(
                        key,
                        "{\"id\":\"" + Calls.id(1) + "\",\"reference_type\":\"call\",\"unknown\":1,"
                                + "\"tm_create\":\"2099-01-02T03:04:05Z\",\"tm_update\":\"2099-01-02T03:04:05Z\",\"tm_delete\":null}"));

        assertThat(cache.get(Calls.id(1)))
                .hasValueSatisfying(call -> assertThat(call.status()).isNull());

        cache.put(Calls.starting(1));
        assertThat(cache.get(Calls.id(1))).contains(Calls.starting(1));
    }

    @Test
    void a_server_that_forgot_the_script_gets_it_again() {
        var cache = newCache();
        cache.put(Calls.starting(1));
        redis.call(client -> client.scriptFlush(key));

        var live = Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(8));
        cache.put(live);

        assertThat(cache.get(Calls.id(1))).contains(live);
        assertThat(meter.failures).hasValue(0);
    }
}
