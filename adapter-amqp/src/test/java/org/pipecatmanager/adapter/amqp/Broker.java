package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import org.pipecatmanager.ports.model.Secret;

/** The real RabbitMQ that tests run against. */
final class Broker {
    private static final String VARIABLE = "PIPECAT_AMQP_URL";

    private Broker() {}

    /** Its address; a test without one fails. */
    static String url() {
        var url = System.getenv(VARIABLE);
        if (url == null || url.isEmpty()) {
            throw new AssertionError(VARIABLE + " is not set, and this test needs a RabbitMQ; start the services with"
                    + " dev/services start build/services, or run make test");
        }
        return url;
    }

    /** Defaults but for a short pause between attempts. */
    static AmqpConfig config(String url) {
        var usual = AmqpConfig.to(Secret.of(url), "pipecat-manager-test");
        return new AmqpConfig(
                usual.uri(),
                usual.clientName(),
                usual.heartbeat(),
                usual.connectTimeout(),
                Duration.ofMillis(20));
    }
}
