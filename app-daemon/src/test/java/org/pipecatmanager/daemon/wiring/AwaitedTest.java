package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AwaitedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void everything_that_is_missing_is_named_with_its_reason() {
        assertThatThrownBy(() -> Awaited.all(
                        List.of(
                                new Awaited("Redis (REDIS_ADDRESS)", patience -> false, () -> "connection refused"),
                                new Awaited("RabbitMQ (RABBITMQ_ADDRESS)", patience -> true, () -> ""),
                                new Awaited("database (DATABASE_DSN)", patience -> false, () -> "no such host")),
                        PATIENCE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("after 30 s")
                .hasMessageContaining("Redis (REDIS_ADDRESS): connection refused")
                .hasMessageContaining("database (DATABASE_DSN): no such host")
                .hasMessageNotContaining("RabbitMQ");
    }

    /** Each lets the other through: one after the other would never end. */
    @Test
    void all_are_awaited_at_once_and_for_the_same_time() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        Awaited.Wait rendezvous = patience -> {
            assertThat(patience).isEqualTo(PATIENCE);
            both.countDown();
            return both.await(patience.toSeconds(), TimeUnit.SECONDS);
        };
        Awaited.all(
                List.of(new Awaited("one", rendezvous, () -> ""), new Awaited("two", rendezvous, () -> "")), PATIENCE);
        assertThat(both.getCount()).isZero();
    }
}
