package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests in flight on one connection, with the one reply queue of its time.
 *
 * <p><b>Threads.</b> Many send, one at a time on the channel; the driver's dispatcher completes what comes back.
 */
final class RpcLink {
    /** What became of a request. */
    sealed interface Outcome {
        /** Something came back; it is read by the thread that waits for it, not by the driver's. */
        final class Answered implements Outcome {
            private final byte[] body;

            Answered(byte[] body) {
                this.body = body;
            }

            byte[] body() {
                return body;
            }
        }

        /** The broker has no such queue. */
        record Unroutable() implements Outcome {}

        /** The link was cut, or the broker did not take it. */
        record Lost(String why) implements Outcome {}
    }

    private final Channel channel;
    private final String replyQueue;
    private final LongAdder lateAnswers;
    private final Map<String, CompletableFuture<Outcome>> inFlight = new ConcurrentHashMap<>();
    /** One sender at a time: the driver's channels are not for several threads. */
    private final ReentrantLock sending = new ReentrantLock();

    /** Why the broker takes nothing at the moment, empty when it does. */
    private volatile String blocked = "";

    private volatile boolean ended;

    private RpcLink(Channel channel, String replyQueue, LongAdder lateAnswers) {
        this.channel = channel;
        this.replyQueue = replyQueue;
        this.lateAnswers = lateAnswers;
    }

    /**
     * Declares a reply queue and listens on it.
     *
     * @param lateAnswers counts what comes back when nobody waits for it any more
     * @param broken      told why when the link cannot go on although the connection stands
     */
    static RpcLink open(Connection connection, LongAdder lateAnswers, Consumer<String> broken) throws IOException {
        var channel = connection.createChannel();
        if (channel == null) {
            throw new IOException("no channel is free on the connection to RabbitMQ");
        }
        var replyQueue = channel.queueDeclare("", false, true, true, Map.of()).getQueue();
        var link = new RpcLink(channel, replyQueue, lateAnswers);
        channel.addReturnListener(
                returned -> link.complete(returned.getProperties().getCorrelationId(), new Outcome.Unroutable()));
        channel.addShutdownListener(cause -> {
            if (!cause.isHardError() && !cause.isInitiatedByApplication()) {
                broken.accept("the broker closed the channel of the requests: " + cause.getMessage());
            }
        });
        connection.addBlockedListener((BlockedCallback) reason -> link.blocked = reason, () -> link.blocked = "");
        channel.basicConsume(replyQueue, true, link.replies(broken));
        return link;
    }

    /**
     * Puts a request on its way.
     *
     * @param id            correlation id, to be given to {@link #forget} in the end
     * @param patienceNanos how long to wait for the channel
     */
    CompletableFuture<Outcome> send(
            String queue, String id, AMQP.BasicProperties.Builder properties, byte[] body, long patienceNanos)
            throws InterruptedException {
        var outcome = new CompletableFuture<Outcome>();
        inFlight.put(id, outcome);
        if (ended) {
            return lost(outcome, "the connection broke");
        }
        if (!blocked.isEmpty()) {
            return lost(outcome, "the broker takes nothing at the moment: " + blocked);
        }
        if (!sending.tryLock(patienceNanos, TimeUnit.NANOSECONDS)) {
            return lost(outcome, "the broker is too slow to take the requests before it");
        }
        try {
            channel.basicPublish(
                    "",
                    queue,
                    true,
                    properties.replyTo(replyQueue).correlationId(id).build(),
                    body);
        } catch (IOException | AlreadyClosedException e) {
            return lost(outcome, "the connection broke");
        } finally {
            sending.unlock();
        }
        return outcome;
    }

    /** Nobody waits for the outcome of this any more. */
    void forget(String id) {
        inFlight.remove(id);
    }

    /** Gives up on everything in flight and still to come; the connection takes the channel with it. */
    void end() {
        ended = true;
        inFlight.values().forEach(outcome -> outcome.complete(new Outcome.Lost("the connection broke")));
    }

    private static CompletableFuture<Outcome> lost(CompletableFuture<Outcome> outcome, String why) {
        outcome.complete(new Outcome.Lost(why));
        return outcome;
    }

    private void complete(@Nullable String id, Outcome how) {
        var outcome = id == null ? null : inFlight.remove(id);
        if (outcome == null) {
            lateAnswers.increment();
        } else {
            outcome.complete(how);
        }
    }

    private DefaultConsumer replies(Consumer<String> broken) {
        return new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                complete(properties.getCorrelationId(), new Outcome.Answered(body));
            }

            @Override
            public void handleCancel(String tag) {
                broken.accept("the broker took the reply queue away");
            }
        };
    }
}
