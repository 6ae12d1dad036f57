package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RpcMeter;

/** The real broker of the tests that need one. */
final class Broker {
    private Broker() {}

    /** Its address, from the environment. */
    static String uri() {
        var uri = System.getenv("PIPECAT_AMQP_URL");
        if (uri == null || uri.isEmpty()) {
            throw new AssertionError("PIPECAT_AMQP_URL is not set: start the services with dev/services start"
                    + " build/services and take over build/services/env, or run make test");
        }
        return uri;
    }

    /** A connection of the test's own, beside the one it tests. */
    static Connection connect() throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(uri());
        return factory.newConnection("test");
    }

    /** What is tested stands on this; retries quickly. */
    static AmqpConnection connection(String uri) {
        return AmqpConnection.create(
                new AmqpConfig(
                        Secret.of(uri), "test", Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMillis(100)),
                RpcMeter.NONE);
    }

    /** Polls; real sockets have no other way to say that they are done. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("30 s were not enough for: " + what);
            }
            Thread.sleep(5);
        }
    }
}
