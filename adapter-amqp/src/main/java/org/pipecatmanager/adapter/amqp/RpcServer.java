package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.LongString;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.RpcLane.Incoming;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.RpcMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@link PipecatcallControl} on the queue that all daemons share and on the queue of this host; the contract is
 * {@code docs/protocol/amqp-rpc.md}.
 *
 * <p><b>Threads.</b> Every request runs on a virtual thread of its own, so that a slow one holds nobody back.
 *
 * <p><b>At least once.</b> A request is acknowledged after its answer was handed to the broker. When the connection breaks
 * in between, the broker delivers the request again, to this daemon or another: starts, stops and messages are idempotent.
 *
 * <p><b>Fullness.</b> A start for which the daemon is full, or which comes while it stops, goes back to the shared queue once,
 * for another daemon; the second time it is answered 503. Everything else is answered as long as the server is open.
 */
public final class RpcServer implements AmqpConnection.User, AutoCloseable {
    /** Header of a request that a daemon handed on to this one, whatever its value. */
    public static final String FORWARDED_HEADER = "x-pipecat-forwarded";

    private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);
    /** What is in work when the server closes: callers wait three seconds for their answers. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

    private final AmqpConnection connection;
    private final RpcServerConfig config;
    private final Workload workload;
    private final RequestHandler handler;
    private final DelayExchange delay;
    private volatile @Nullable RpcLane lane;
    private volatile boolean closed;

    private RpcServer(AmqpConnection connection, RpcServerConfig config, PipecatcallControl control, RpcMeter meter) {
        this.connection = connection;
        this.config = config;
        this.workload = new Workload(config.maxInWork());
        this.handler = new RequestHandler(control, workload, meter);
        this.delay = new DelayExchange(connection);
    }

    /** Makes one that serves whenever there is a connection; to be called before the connection is started. */
    public static RpcServer create(
            AmqpConnection connection, RpcServerConfig config, PipecatcallControl control, RpcMeter meter) {
        var server = new RpcServer(connection, config, control, meter);
        connection.use(server);
        return server;
    }

    @Override
    public void connected(Connection now) throws IOException {
        if (closed) {
            return;
        }
        var fresh = new RpcLane(now, config, this::received, why -> connection.failed(this, now, why));
        lane = fresh;
        fresh.open();
        delay.bind(now, List.of(RpcServerConfig.SHARED_QUEUE, config.ownQueue()));
        fresh.consume();
        if (closed) {
            stopConsuming(fresh);
        }
    }

    @Override
    public void disconnected() {
        var last = lane;
        lane = null;
        if (last != null) {
            last.end();
        }
    }

    /**
     * Takes no more requests, answers those in work (5 s at most), and leaves the connection alone. Idempotent. To be called
     * before the connection is closed.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stopConsuming(lane);
        try {
            if (!workload.awaitIdle(LAST_ANSWERS)) {
                LOG.warn("requests are still in work after {} s; they are left unanswered", LAST_ANSWERS.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stopConsuming(@Nullable RpcLane lane) {
        if (lane == null) {
            return;
        }
        try {
            lane.stopConsuming();
        } catch (IOException e) {
            LOG.debug("the connection was over before the server", e);
        }
    }

    /** What messages call it. */
    @Override
    public String toString() {
        return "the RPC server";
    }

    /** On the thread of the channel's deliveries. */
    private void received(Incoming incoming) {
        workload.came();
        Thread.ofVirtual().name("rpc-request").start(() -> serve(incoming));
    }

    private void serve(Incoming incoming) {
        var delivery = incoming.delivery();
        Map<String, Object> headers = delivery.getProperties().getHeaders();
        boolean handedOn = headers != null && headers.containsKey(FORWARDED_HEADER);
        boolean mayGoBack = incoming.shared() && !delivery.getEnvelope().isRedeliver();
        byte[] answer =
                handler.handle(delivery.getBody(), handedOn ? Reach.HERE : Reach.EVERYWHERE, trace(headers), mayGoBack);
        incoming.lane().settle(delivery, answer, workload::left);
    }

    /** The driver gives text as a {@link LongString}. */
    private static @Nullable TraceContext trace(@Nullable Map<String, Object> headers) {
        Object header = headers == null ? null : headers.get(TraceContext.HEADER);
        return header instanceof LongString || header instanceof String
                ? TraceContext.parse(header.toString()).orElse(null)
                : null;
    }
}
