package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.RpcFailure.Why;
import org.pipecatmanager.adapter.amqp.RpcLink.Outcome;
import org.pipecatmanager.ports.out.ManagerException;

/**
 * Asks other services over the broker and waits for what they answer.
 *
 * <p>There is one reply queue per connection, exclusive to it; answers find their request by correlation id. A request lives
 * in its queue no longer than whoever asked waits for it. Requests are never repeated: whoever asks knows whether that is
 * safe.
 *
 * <p><b>Threads.</b> Any that may block; the calling thread waits, there is none per request.
 */
public final class RpcClient {
    /** Requests in flight at once, unless configured otherwise; each holds its body and one thread of its caller. */
    public static final int DEFAULT_MAX_IN_FLIGHT = 2000;

    /** Transient: a request is worth nothing after a restart of the broker. */
    private static final int TRANSIENT = 1;

    private final AmqpConnection connection;
    private final int maxInFlight;
    private final Semaphore free;
    private final LongAdder lateAnswers = new LongAdder();
    private volatile @Nullable RpcLink link;

    private RpcClient(AmqpConnection connection, int maxInFlight) {
        this.connection = connection;
        this.maxInFlight = maxInFlight;
        this.free = new Semaphore(maxInFlight);
    }

    /**
     * Makes a client that lives as long as its connection.
     *
     * @param connection not started yet
     * @param maxInFlight more requests than this at once are refused
     */
    public static RpcClient create(AmqpConnection connection, int maxInFlight) {
        var client = new RpcClient(connection, maxInFlight);
        connection.use(client.new Links());
        return client;
    }

    /**
     * Asks, and waits for the answer, whatever its status code is.
     *
     * @param queue    that the service consumes, such as {@code bin-manager.call-manager.request}
     * @param deadline for everything, at least a millisecond
     * @throws ManagerException {@code UNREACHABLE}: no answer in time, no such queue, no connection to the broker or cut off
     *     from it (then at once), too many requests in flight, or the thread was interrupted (its flag is set again);
     *     {@code REFUSED}: something came back that is not an answer
     */
    public RpcAnswer call(String queue, RpcCall request, Duration deadline) {
        try {
            return exchange(queue, request, deadline);
        } catch (RpcFailure e) {
            throw e.toManagerException("RPC");
        }
    }

    /** The same, for callers that want to know why there is no answer. */
    RpcAnswer exchange(String queue, RpcCall request, Duration deadline) throws RpcFailure {
        var now = link;
        if (now == null) {
            throw new RpcFailure(Why.NO_BROKER, asked(request, queue) + " was not sent: " + connection.problem());
        }
        if (!free.tryAcquire()) {
            throw new RpcFailure(
                    Why.TOO_MANY,
                    asked(request, queue) + " was not sent: " + maxInFlight
                            + " requests are in flight, which is the limit");
        }
        var id = UUID.randomUUID().toString();
        try {
            return answer(queue, request, deadline, outcome(now, queue, id, request, deadline));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RpcFailure(Why.INTERRUPTED, asked(request, queue) + " was given up: the thread was interrupted");
        } finally {
            now.forget(id);
            free.release();
        }
    }

    /** Answers that came when nobody waited for them any more, and were dropped. */
    public long lateAnswers() {
        return lateAnswers.sum();
    }

    /** Null when there is none in time. */
    private static @Nullable Outcome outcome(RpcLink link, String queue, String id, RpcCall request, Duration deadline)
            throws InterruptedException {
        long until = System.nanoTime() + deadline.toNanos();
        var properties = new AMQP.BasicProperties.Builder()
                .contentType(RpcEnvelope.CONTENT_TYPE)
                .deliveryMode(TRANSIENT)
                .expiration(String.valueOf(Math.max(1, deadline.toMillis())));
        if (!request.headers().isEmpty()) {
            properties.headers(new HashMap<>(request.headers()));
        }
        var sent = link.send(queue, id, properties, RpcEnvelope.write(request, id), deadline.toNanos());
        try {
            return sent.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an outcome is a value", e);
        }
    }

    private static RpcAnswer answer(String queue, RpcCall request, Duration deadline, @Nullable Outcome outcome)
            throws RpcFailure {
        return switch (outcome) {
            case null ->
                throw new RpcFailure(
                        Why.TIMED_OUT,
                        asked(request, queue) + " was not answered within " + deadline.toMillis()
                                + " ms; is the service running, and does it keep up?");
            case Outcome.Unroutable() ->
                throw new RpcFailure(
                        Why.NO_QUEUE,
                        asked(request, queue)
                                + " could not be delivered: there is no such queue; is the service running?");
            case Outcome.Lost(var why) ->
                throw new RpcFailure(Why.NO_BROKER, asked(request, queue) + " is lost: " + why);
            case Outcome.Answered answered -> {
                var answer = RpcEnvelope.read(answered.body());
                if (answer == null) {
                    throw new RpcFailure(
                            Why.UNREADABLE,
                            asked(request, queue) + " was answered with " + answered.body().length
                                    + " bytes that are no answer; a JSON object with status_code is expected");
                }
                yield answer;
            }
        };
    }

    private static String asked(RpcCall request, String queue) {
        return request + " on " + queue;
    }

    /** Opens a link on every connection. */
    private final class Links implements AmqpConnection.User {
        @Override
        public void connected(Connection to) throws IOException {
            link = RpcLink.open(to, lateAnswers, why -> connection.failed(this, to, why));
        }

        @Override
        public void disconnected() {
            var ended = link;
            link = null;
            if (ended != null) {
                ended.end();
            }
        }

        @Override
        public String toString() {
            return "the RPC client";
        }
    }
}
