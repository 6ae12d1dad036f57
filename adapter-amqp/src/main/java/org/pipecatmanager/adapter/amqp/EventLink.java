package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedCallback;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The way events leave during one connection: a channel with publisher confirms.
 *
 * <p><b>Threads.</b> The relay's thread sends; the driver's threads tell what was confirmed, and what broke.
 */
final class EventLink {
    /** Every event of the service, to whoever bound a queue; the routing key is empty. */
    static final String EXCHANGE = "bin-manager.pipecat-manager.event";
    /** Of the event within its call. */
    static final String SEQUENCE_HEADER = "x-pipecat-sequence";

    private static final int TRANSIENT = 1;
    private static final int PERSISTENT = 2;

    /**
     * What became of a batch.
     *
     * @param handedOver how many of it, from the first, the broker may have
     * @param confirmed  which of it the broker has, by index
     * @param took       from handing over to confirmation, nanoseconds, for each that was confirmed
     * @param timedOut   whether the broker was given up on
     */
    record Sent(int handedOver, BitSet confirmed, List<Long> took, boolean timedOut) {}

    private final Channel channel;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private Batch batch = new Batch(0, 0);

    /** Whether the broker takes nothing at the moment. */
    @GuardedBy("lock")
    private boolean blocked;

    @GuardedBy("lock")
    private boolean over;

    private EventLink(Channel channel, TimeSource time) {
        this.channel = channel;
        this.time = time;
    }

    /** The exchange as every service of the platform declares it. */
    static void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.FANOUT, true, false, Map.of());
    }

    /**
     * Declares the exchange.
     *
     * @param broken told why when the link cannot go on although the connection stands
     */
    static EventLink open(Connection connection, TimeSource time, Consumer<String> broken) throws IOException {
        var channel = connection.createChannel();
        if (channel == null) {
            throw new IOException("no channel is free on the connection to RabbitMQ");
        }
        declare(channel);
        channel.confirmSelect();
        var link = new EventLink(channel, time);
        channel.addConfirmListener(
                (tag, multiple) -> link.settle(tag, multiple, true),
                (tag, multiple) -> link.settle(tag, multiple, false));
        channel.addShutdownListener(cause -> {
            link.end();
            if (!cause.isHardError() && !cause.isInitiatedByApplication()) {
                broken.accept("the broker closed the channel of the events: " + cause.getMessage());
            }
        });
        connection.addBlockedListener((BlockedCallback) reason -> link.block(true), () -> link.block(false));
        return link;
    }

    /** Waits until the broker takes events; false when the link is over or it took longer. */
    boolean awaitOpen(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (blocked && !over && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !blocked && !over;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Publishes in order, and waits until all is confirmed or refused, the link is over, or patience is.
     *
     * @param patience for the confirmations; a broker that says it takes nothing is waited for without limit
     */
    Sent send(List<OutboxEntry> entries, Duration patience) throws InterruptedException {
        var now = new Batch(channel.getNextPublishSeqNo(), entries.size());
        begin(now);
        int handedOver = 0;
        try {
            for (var entry : entries) {
                now.handed[handedOver] = time.nanoTime();
                handedOver++;
                channel.basicPublish(
                        EXCHANGE, "", properties(entry), entry.body().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException | AlreadyClosedException e) {
            end();
        }
        return settled(now, handedOver, patience);
    }

    /** The connection is over, or this part of it. */
    void end() {
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    private static Map<String, Object> headers(OutboxEntry entry) {
        var trace = entry.trace();
        return trace == null
                ? Map.of(SEQUENCE_HEADER, entry.sequence())
                : Map.of(SEQUENCE_HEADER, entry.sequence(), TraceContext.HEADER, trace.traceparent());
    }

    private AMQP.BasicProperties properties(OutboxEntry entry) {
        return new AMQP.BasicProperties.Builder()
                .contentType(RpcEnvelope.CONTENT_TYPE)
                .deliveryMode(entry.lasting() ? PERSISTENT : TRANSIENT)
                .messageId(entry.messageId().toString())
                .timestamp(Date.from(time.now()))
                .headers(headers(entry))
                .build();
    }

    private void begin(Batch next) {
        lock.lock();
        try {
            batch = next;
        } finally {
            lock.unlock();
        }
    }

    private Sent settled(Batch now, int handedOver, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (!now.isSettled() && !over && left > 0) {
                if (blocked) {
                    changed.await();
                } else {
                    left = changed.awaitNanos(left);
                }
            }
            return now.sent(handedOver, !now.isSettled() && !over);
        } finally {
            lock.unlock();
        }
    }

    private void settle(long tag, boolean multiple, boolean confirmed) {
        lock.lock();
        try {
            batch.settle(tag, multiple, confirmed, time.nanoTime());
            if (batch.isSettled()) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void block(boolean nowBlocked) {
        lock.lock();
        try {
            blocked = nowBlocked;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What waits for confirmation, by the channel's consecutive numbers; guarded by the link's lock. */
    private static final class Batch {
        private final long firstTag;
        private final int size;
        private final BitSet open;
        private final BitSet confirmed;
        /** Nanoseconds; by the sending thread, before the broker can have heard of it. */
        private final long[] handed;

        private final long[] took;

        Batch(long firstTag, int size) {
            this.firstTag = firstTag;
            this.size = size;
            this.open = new BitSet(size);
            this.open.set(0, size);
            this.confirmed = new BitSet(size);
            this.handed = new long[size];
            this.took = new long[size];
        }

        boolean isSettled() {
            return open.isEmpty();
        }

        /** One, or everything up to it; what belongs to an earlier batch is none of ours. */
        void settle(long tag, boolean multiple, boolean isConfirmed, long nowNanos) {
            if (tag < firstTag || tag >= firstTag + size) {
                return;
            }
            int last = (int) (tag - firstTag);
            for (int i = open.nextSetBit(multiple ? 0 : last); i >= 0 && i <= last; i = open.nextSetBit(i + 1)) {
                open.clear(i);
                confirmed.set(i, isConfirmed);
                took[i] = nowNanos - handed[i];
            }
        }

        Sent sent(int handedOver, boolean timedOut) {
            return new Sent(
                    handedOver,
                    (BitSet) confirmed.clone(),
                    Arrays.stream(took).boxed().toList(),
                    timedOut);
        }
    }
}
