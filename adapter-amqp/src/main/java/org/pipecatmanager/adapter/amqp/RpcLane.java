package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel of one connection: what comes in on the two queues, and the answers that go out.
 *
 * <p>The channel is used by the lane's own thread only; what comes in is handed over at once.
 */
final class RpcLane {
    private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);
    private static final String TAG = "pipecat-manager";
    /** Half an hour, as a 32-bit number: the broker refuses another width as another argument. */
    private static final Map<String, Object> OWN_QUEUE = Map.of("x-expires", 1_800_000);

    private static final int TRANSIENT = 1;
    private static final long END_SECONDS = 2;

    private final Connection connection;
    private final RpcServerConfig config;
    private final Consumer<Incoming> receiver;
    private final Consumer<String> failed;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("rpc-lane").factory());
    /** Touched by the lane's thread only. */
    private @Nullable Channel channel;

    /**
     * A request as the broker brings it.
     *
     * @param lane   where its answer goes
     * @param shared whether it came on the queue of all daemons
     */
    record Incoming(RpcLane lane, boolean shared, Delivery delivery) {}

    /**
     * Makes one that is closed.
     *
     * @param receiver gets every request; must not block
     * @param failed   is told why the lane is dead though its connection is not
     */
    RpcLane(Connection connection, RpcServerConfig config, Consumer<Incoming> receiver, Consumer<String> failed) {
        this.connection = connection;
        this.config = config;
        this.receiver = receiver;
        this.failed = failed;
    }

    /** Declares the queues. */
    void open() throws IOException {
        onItsThread(() -> {
            var fresh = connection.createChannel();
            channel = fresh;
            fresh.addShutdownListener(cause -> {
                if (!cause.isInitiatedByApplication() && !cause.isHardError()) {
                    failed.accept(Failures.reason(cause));
                }
            });
            fresh.addReturnListener(returned -> LOG.debug(
                    "an answer came back: its caller's queue '{}' is gone ({})",
                    returned.getRoutingKey(),
                    returned.getReplyText()));
            fresh.basicQos(config.prefetch());
            declareShared(fresh);
            declareOwn(fresh, config.ownQueue());
        });
    }

    /** The queue of all daemons: durable, as the other services have theirs. */
    static void declareShared(Channel channel) throws IOException {
        channel.queueDeclare(RpcServerConfig.SHARED_QUEUE, true, false, false, null);
    }

    /** The queue of one daemon, which goes when nobody has used it for a while. */
    static void declareOwn(Channel channel, String name) throws IOException {
        channel.queueDeclare(name, false, false, true, OWN_QUEUE);
    }

    /** Takes requests from now on. */
    void consume() throws IOException {
        onItsThread(() -> {
            consume(opened(), config.ownQueue(), TAG + "-host", false);
            consume(opened(), RpcServerConfig.SHARED_QUEUE, TAG + "-shared", true);
        });
    }

    /** Takes no more; what was taken may still be answered. */
    void stopConsuming() throws IOException {
        onItsThread(() -> {
            for (var tag : List.of(TAG + "-shared", TAG + "-host")) {
                opened().basicCancel(tag);
            }
        });
    }

    /**
     * Answers where an answer is wanted, then tells the broker that the request was dealt with.
     *
     * @param answer null to give the request back for another daemon
     * @param done   runs afterwards, whatever happened
     */
    void settle(Delivery delivery, byte @Nullable [] answer, Runnable done) {
        try {
            writer.execute(() -> {
                try {
                    settle(delivery, answer);
                } catch (IOException | RuntimeException e) {
                    lost(e);
                } finally {
                    done.run();
                }
            });
        } catch (RejectedExecutionException e) {
            lost(e);
            done.run();
        }
    }

    /** The connection is over, or is about to be: what is queued is still tried, briefly. */
    void end() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void settle(Delivery delivery, byte @Nullable [] answer) throws IOException {
        long tag = delivery.getEnvelope().getDeliveryTag();
        if (answer == null) {
            opened().basicNack(tag, false, true);
            return;
        }
        var replyTo = delivery.getProperties().getReplyTo();
        if (replyTo != null && !replyTo.isEmpty()) {
            var properties = new BasicProperties.Builder()
                    .contentType("text/plain")
                    .deliveryMode(TRANSIENT)
                    .correlationId(delivery.getProperties().getCorrelationId())
                    .build();
            opened().basicPublish("", replyTo, true, properties, answer);
        }
        opened().basicAck(tag, false);
    }

    private static void lost(Exception why) {
        LOG.info(
                "a request was dealt with, but the connection broke before its answer could leave ({}); the broker"
                        + " delivers it again",
                Failures.reason(why));
    }

    private void consume(Channel on, String queue, String tag, boolean shared) throws IOException {
        on.basicConsume(queue, false, tag, new DefaultConsumer(on) {
            @Override
            public void handleDelivery(String t, Envelope envelope, BasicProperties properties, byte[] body) {
                receiver.accept(new Incoming(RpcLane.this, shared, new Delivery(envelope, properties, body)));
            }

            @Override
            public void handleCancel(String t) {
                failed.accept("somebody deleted the queue " + queue);
            }
        });
    }

    private Channel opened() throws IOException {
        if (channel == null) {
            throw new IOException("the lane was never opened");
        }
        return channel;
    }

    private void onItsThread(Step step) throws IOException {
        try {
            writer.submit(() -> {
                        step.run();
                        return true;
                    })
                    .get();
        } catch (RejectedExecutionException e) {
            throw new IOException("the connection is over", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Something on the channel. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }
}
