package org.pipecatmanager.adapter.redis;

import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.ports.model.Secret;

/** The Redis that tests are given. Every configuration has keys of its own, so tests do not meet. */
final class RealRedis {
    private static final AtomicLong MADE = new AtomicLong();

    private RealRedis() {}

    /** A configuration for {@code PIPECAT_REDIS_URL} with a prefix that nobody else has. */
    static RedisConfig config() {
        var url = System.getenv("PIPECAT_REDIS_URL");
        if (url == null || url.isEmpty()) {
            throw new IllegalStateException("PIPECAT_REDIS_URL is not set and this test needs a Redis: start one with"
                    + " dev/services start build/services and source build/services/env, or run make test");
        }
        return RedisConfig.of(url, Secret.of(""), 0)
                .withPrefix("test-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + "-"
                        + MADE.incrementAndGet() + ":");
    }
}
