package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code bin-manager.delay}, through which others send requests that arrive later. It needs a plugin of the broker's.
 *
 * <p>A broker without the plugin closes the whole connection of whoever declares this exchange, so it is looked for first
 * and declared on a connection of its own.
 */
final class DelayExchange {
    static final String NAME = "bin-manager.delay";

    private static final Logger LOG = LoggerFactory.getLogger(DelayExchange.class);
    private static final String TYPE = "x-delayed-message";

    private final AmqpConnection connections;
    /** Touched by the connection's thread only. */
    private boolean warned;

    DelayExchange(AmqpConnection connections) {
        this.connections = connections;
    }

    /** Binds each queue under its own name; where that cannot be, it is said once, and everything else works. */
    void bind(Connection connection, List<String> queues) {
        try {
            if (!exists(connection)) {
                declare();
            }
            bindAll(connection, queues);
            warned = false;
        } catch (IOException | TimeoutException | RuntimeException e) {
            if (!warned) {
                warned = true;
                LOG.warn(
                        "requests cannot be delayed: the broker has no exchange {} and does not let us make it ({});"
                                + " everything else works. Enable the plugin rabbitmq_delayed_message_exchange",
                        NAME,
                        Failures.reason(e));
            }
        }
    }

    /** On a channel of its own, which the broker closes when there is none. */
    private static boolean exists(Connection connection) throws IOException, TimeoutException {
        try (var channel = connection.createChannel()) {
            channel.exchangeDeclarePassive(NAME);
            return true;
        } catch (IOException | RuntimeException e) {
            if (!connection.isOpen()) {
                throw e;
            }
            LOG.debug("no exchange {}: {}", NAME, Failures.reason(e));
            return false;
        }
    }

    private void declare() throws IOException, TimeoutException {
        var aside = connections.dialAside("delay");
        try (var channel = aside.createChannel()) {
            channel.exchangeDeclare(NAME, TYPE, true, false, Map.of("x-delayed-type", "direct"));
        } finally {
            aside.abort(AmqpConnection.CLOSE_MILLIS);
        }
    }

    private static void bindAll(Connection connection, List<String> queues) throws IOException, TimeoutException {
        try (var channel = connection.createChannel()) {
            for (var queue : queues) {
                channel.queueBind(queue, NAME, queue);
            }
        }
    }
}
