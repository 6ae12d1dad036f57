package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.LeakCheck;
import org.pipecatmanager.ports.testing.VirtualClock;

/** What a connection does without a Redis. */
@ExtendWith(LeakCheck.class)
class RedisConnectionTest {
    private static final HostInstance SELF = new HostInstance("10.0.0.1", "a1");

    private final VirtualClock clock = new VirtualClock();
    private final CountingCacheMeter meter = new CountingCacheMeter();
    private final Gate nobody = Gate.toNobody();
    private final RedisConfig config =
            RedisConfig.of("redis://me:hunter2@127.0.0.1:" + nobody.port(), Secret.of(""), 0);
    private final RedisConnection redis = new RedisConnection(config, clock, meter);
    private final RedisPipecatcallCache cache = new RedisPipecatcallCache(redis, meter);

    @AfterEach
    void close() {
        redis.close();
        nobody.close();
    }

    @Test
    void nothing_is_dialled_before_the_first_command() {
        assertThat(redis.isUp()).isFalse();
        assertThat(redis.problem()).isEqualTo("not tried yet");
        assertThat(nobody.visitors()).isZero();
        assertThat(meter.away).isEmpty();
    }

    @Test
    void a_silent_server_costs_one_attempt_a_second_however_many_commands_there_are() {
        for (int i = 0; i < 500; i++) {
            assertThat(cache.get(Calls.id(1))).isEmpty();
            cache.put(Calls.starting(1));
        }
        assertThat(nobody.visitors()).isEqualTo(1);
        assertThat(meter.failures).hasValue(1000);

        clock.advance(RedisConnection.BETWEEN_ATTEMPTS.minusNanos(1));
        cache.get(Calls.id(1));
        assertThat(nobody.visitors()).isEqualTo(1);

        clock.advance(Duration.ofNanos(1));
        for (int i = 0; i < 500; i++) {
            cache.get(Calls.id(1));
        }
        assertThat(nobody.visitors()).isEqualTo(2);
        assertThat(meter.away).containsExactly(true);
    }

    @Test
    void of_many_that_ask_at_once_one_tries() throws Exception {
        int rivals = 32;
        var ready = new CountDownLatch(rivals);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var reads = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < rivals; i++) {
                reads.add(() -> {
                    ready.countDown();
                    ready.await();
                    return cache.get(Calls.id(1)).isEmpty();
                });
            }
            for (var read : executor.invokeAll(reads)) {
                assertThat(read.get()).isTrue();
            }
        }
        assertThat(nobody.visitors()).isEqualTo(1);
    }

    @Test
    void leases_say_which_server_is_away_and_why_without_the_password() {
        var leases = new RedisHostLeases(redis);
        nobody.close();

        assertThatThrownBy(() -> leases.renew(SELF, Duration.ofSeconds(10)))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll("127.0.0.1:" + nobody.port(), "Connection refused")
                .hasMessageNotContaining("hunter2");
        assertThat(redis.problem()).contains("Connection refused").doesNotContain("hunter2");
        assertThatThrownBy(() -> leases.release(SELF))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Connection refused");
    }

    @Test
    void a_reason_that_changes_is_news() {
        cache.get(Calls.id(1));
        clock.advance(RedisConnection.BETWEEN_ATTEMPTS);
        cache.get(Calls.id(1));
        assertThat(meter.away).containsExactly(true);

        nobody.close();
        clock.advance(RedisConnection.BETWEEN_ATTEMPTS);
        cache.get(Calls.id(1));

        assertThat(redis.problem()).contains("Connection refused");
    }

    @Test
    void waiting_ends_with_its_patience() throws Exception {
        try (var time = new SystemTime();
                var waiting = new RedisConnection(config, time, meter)) {
            assertThat(waiting.awaitUp(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void a_closed_connection_dials_no_more_and_may_be_closed_again() throws Exception {
        redis.close();
        redis.close();

        assertThat(cache.get(Calls.id(1))).isEmpty();
        assertThat(redis.problem()).isEqualTo("closed");
        assertThat(redis.awaitUp(Duration.ofDays(1))).isFalse();
        assertThat(nobody.visitors()).isZero();
    }
}
