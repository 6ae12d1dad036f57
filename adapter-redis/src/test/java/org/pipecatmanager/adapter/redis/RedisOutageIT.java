package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.LeakCheck;
import org.pipecatmanager.ports.testing.VirtualClock;

/** A real Redis goes away and comes back. */
@Tag("it")
@ExtendWith(LeakCheck.class)
class RedisOutageIT {
    private final VirtualClock clock = new VirtualClock();
    private final CountingCacheMeter meter = new CountingCacheMeter();
    private final RedisConfig config = RealRedis.config();
    private final Gate gate = Gate.to(config);
    private final RedisConnection redis = new RedisConnection(behindGate(config), clock, meter);
    private final RedisPipecatcallCache cache = new RedisPipecatcallCache(redis, meter);

    private RedisConfig behindGate(RedisConfig direct) {
        return new RedisConfig(
                "127.0.0.1", gate.port(), false, "", direct.password(), direct.database(), direct.prefix());
    }

    @AfterEach
    void close() {
        redis.close();
        gate.close();
    }

    @Test
    void connections_are_kept_between_commands() {
        cache.put(Calls.starting(1));
        int dialled = gate.visitors();
        for (int i = 0; i < 100; i++) {
            assertThat(cache.get(Calls.id(1))).isPresent();
        }
        assertThat(gate.visitors()).isEqualTo(dialled);
        assertThat(meter.away).containsExactly(false);
    }

    @Test
    void after_a_refusal_it_is_tried_again_a_second_later_and_answers() {
        cache.put(Calls.starting(1));
        gate.close();
        assertThat(cache.get(Calls.id(1))).isEmpty();
        assertThat(redis.isUp()).isFalse();

        gate.open();
        int dialled = gate.visitors();
        for (int i = 0; i < 100; i++) {
            assertThat(cache.get(Calls.id(1))).isEmpty();
        }
        assertThat(gate.visitors()).isEqualTo(dialled);

        clock.advance(RedisConnection.BETWEEN_ATTEMPTS);
        assertThat(cache.get(Calls.id(1))).contains(Calls.starting(1));
        assertThat(redis.isUp()).isTrue();
        assertThat(redis.problem()).isEmpty();
        assertThat(meter.away).containsExactly(false, true, false);
    }

    @Test
    void after_silence_it_is_tried_again_a_second_later_and_answers() {
        var leases = new RedisHostLeases(redis);
        var self = new HostInstance("10.0.0.1", "a1");
        leases.renew(self, Duration.ofMinutes(10));
        gate.fallSilent();
        assertThatThrownBy(() -> leases.held(List.of(self)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Read timed out");
        int dialled = gate.visitors();

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> leases.renew(self, Duration.ofMinutes(10)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is away");
        }
        assertThat(gate.visitors()).isEqualTo(dialled);

        clock.advance(RedisConnection.BETWEEN_ATTEMPTS);
        assertThatThrownBy(() -> leases.held(List.of(self))).isInstanceOf(StoreException.class);
        assertThat(gate.visitors()).isEqualTo(dialled + 1);

        gate.open();
        clock.advance(RedisConnection.BETWEEN_ATTEMPTS);
        assertThat(leases.held(List.of(self))).containsExactly(self);
    }

    @Test
    void who_waits_hears_of_the_return() throws Exception {
        gate.close();
        try (var time = new SystemTime();
                var waiting = new RedisConnection(behindGate(config), time, CacheMeter.NONE)) {
            assertThat(waiting.awaitUp(Duration.ofMillis(1))).isFalse();
            gate.open();
            assertThat(waiting.awaitUp(Duration.ofSeconds(30))).isTrue();
            assertThat(waiting.isUp()).isTrue();
        }
    }

    @Test
    void a_wrong_password_is_named_and_not_shown() {
        var wrong = new RedisConfig(
                config.host(), config.port(), false, "nobody", Secret.of("hunter2"), config.database(), "");
        try (var refused = new RedisConnection(wrong, clock, meter)) {
            assertThatThrownBy(() -> refused.call(client -> client.get("k")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("it refuses us: WRONGPASS")
                    .hasMessageNotContaining("hunter2");
            assertThat(refused.problem()).isEqualTo("it refuses us: WRONGPASS");
        }
    }

    @Test
    void a_command_that_is_refused_does_not_make_redis_be_away() {
        redis.call(client -> client.set(redis.key("k"), "text"));

        assertThatThrownBy(() -> redis.call(client -> client.incr(redis.key("k"))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("refused a command: ERR");
        assertThat(redis.isUp()).isTrue();
    }
}
