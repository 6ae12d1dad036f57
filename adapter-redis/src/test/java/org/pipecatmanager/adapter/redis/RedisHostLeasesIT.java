package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.HostLeasesContract;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.testing.VirtualClock;

@Tag("it")
class RedisHostLeasesIT implements HostLeasesContract {
    private final RedisConnection redis = new RedisConnection(RealRedis.config(), new VirtualClock(), CacheMeter.NONE);

    @Override
    public HostLeases newLeases() {
        return new RedisHostLeases(redis);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Override
    public void letRunOut(HostLeases leases, HostInstance holder, Duration ttl) {
        Waiting.until(
                "the lease of " + holder + " ran out",
                () -> leases.held(List.of(holder)).isEmpty());
    }

    @Test
    void the_key_names_host_and_instance_and_expires_after_the_time_given() {
        newLeases().renew(new HostInstance("10.0.0.1", "a1"), Duration.ofSeconds(100));

        assertThat(redis.<Long>call(client -> client.pttl(redis.key("pipecat-manager:lease:10.0.0.1:a1"))))
                .isBetween(1L, 100_000L);
    }
}
