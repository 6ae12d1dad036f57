package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * A look at the broker for who diagnoses: what a daemon would find there. Nothing is made, bound or consumed.
 *
 * @param place   host and port, without user and password
 * @param access  how far we came
 * @param reason  why not further, in the broker's words; empty when we did
 * @param product what the broker calls itself, empty without access
 * @param version likewise
 * @param parts   queues and exchanges, empty without access
 */
public record BrokerInspection(
        String place, Access access, String reason, String product, String version, List<Part> parts) {
    /** The oldest that our tests run against. */
    public static final String LEAST_VERSION = "3.10";

    /** How far we came. */
    public enum Access {
        /** A connection and a channel. */
        OPEN,
        /** It knows us not, or lets us not into this virtual host. */
        REFUSED,
        /** Nobody speaks AMQP there. */
        UNREACHABLE
    }

    /** What is there of a queue or an exchange. */
    public enum State {
        /** It is there as a daemon declares it. */
        FITS,
        /** It is there with other flags: every declaration of a daemon's will fail. */
        DIFFERS,
        /** It is not there; a daemon makes it. */
        MISSING,
        /** We may not look, or may not declare it. */
        FORBIDDEN
    }

    /**
     * A queue or an exchange.
     *
     * @param what      {@code queue} or {@code exchange}
     * @param consumers of a queue; 0 for an exchange
     * @param waiting   messages of a queue
     * @param reason    the broker's words where it does not fit; empty where it does
     */
    public record Part(String what, String name, State state, long consumers, long waiting, String reason) {}

    public BrokerInspection {
        parts = List.copyOf(parts);
    }

    /**
     * Looks. Blocks for a few times the connect time-out at most.
     *
     * <p>The protocol has no question for a queue's flags. A declaration of what is there already changes nothing: the broker
     * compares, and agrees or closes the channel. So each is looked for first, and declared only where it was found.
     *
     * @param hostId of the daemon whose own queue is looked at
     */
    public static BrokerInspection of(AmqpConfig config, String hostId) {
        try (var connection = Factories.of(config).newConnection(config.clientName() + " doctor")) {
            var server = connection.getServerProperties();
            var parts = new ArrayList<Part>();
            parts.add(queue(connection, RpcServerConfig.SHARED_QUEUE, RpcLane::declareShared));
            var own = RpcServerConfig.queueOf(hostId);
            parts.add(queue(connection, own, channel -> RpcLane.declareOwn(channel, own)));
            parts.add(exchange(connection, EventLink.EXCHANGE, EventLink::declare));
            parts.add(exchange(connection, DelayExchange.NAME, channel -> {}));
            return new BrokerInspection(
                    config.place(),
                    Access.OPEN,
                    "",
                    String.valueOf(server.get("product")),
                    String.valueOf(server.get("version")),
                    parts);
        } catch (PossibleAuthenticationFailureException e) {
            return closed(config, Access.REFUSED, e instanceof AuthenticationFailureException ? "" : "probably: ", e);
        } catch (IOException e) {
            // A broker that answers and then says no does so by its protocol: 530 for a virtual host.
            boolean itSpoke = e.getCause() instanceof ShutdownSignalException signal && signal.getReason() != null;
            return closed(config, itSpoke ? Access.REFUSED : Access.UNREACHABLE, "", e);
        } catch (TimeoutException | RuntimeException e) {
            return closed(config, Access.UNREACHABLE, "", e);
        }
    }

    private static BrokerInspection closed(AmqpConfig config, Access access, String before, Exception why) {
        return new BrokerInspection(config.place(), access, before + Failures.reason(why), "", "", List.of());
    }

    /** Declares something that is there. */
    private interface Declaration {
        void on(Channel channel) throws IOException;
    }

    private static Part queue(Connection connection, String name, Declaration declaration)
            throws IOException, TimeoutException {
        long consumers;
        long waiting;
        try (var channel = connection.createChannel()) {
            var found = channel.queueDeclarePassive(name);
            consumers = found.getConsumerCount();
            waiting = found.getMessageCount();
        } catch (IOException e) {
            return absent(connection, "queue", name, e);
        }
        return compared(connection, new Part("queue", name, State.FITS, consumers, waiting, ""), declaration);
    }

    private static Part exchange(Connection connection, String name, Declaration declaration)
            throws IOException, TimeoutException {
        try (var channel = connection.createChannel()) {
            channel.exchangeDeclarePassive(name);
        } catch (IOException e) {
            return absent(connection, "exchange", name, e);
        }
        return compared(connection, new Part("exchange", name, State.FITS, 0, 0, ""), declaration);
    }

    private static Part compared(Connection connection, Part found, Declaration declaration)
            throws IOException, TimeoutException {
        try (var channel = connection.createChannel()) {
            declaration.on(channel);
            return found;
        } catch (IOException e) {
            if (!connection.isOpen()) {
                throw e;
            }
            var reason = Failures.reason(e);
            return new Part(
                    found.what(),
                    found.name(),
                    reason.startsWith("403") ? State.FORBIDDEN : State.DIFFERS,
                    found.consumers(),
                    found.waiting(),
                    reason);
        }
    }

    /** The broker closes the channel of who asks for what is not there. */
    private static Part absent(Connection connection, String what, String name, IOException why) throws IOException {
        if (!connection.isOpen()) {
            throw why;
        }
        var reason = Failures.reason(why);
        return new Part(what, name, reason.startsWith("404") ? State.MISSING : State.FORBIDDEN, 0, 0, reason);
    }
}
