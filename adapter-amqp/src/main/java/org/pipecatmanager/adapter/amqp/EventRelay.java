package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.out.Outbox;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events from the outbox to their exchange, in order, and out of the outbox when the broker has confirmed them.
 *
 * <p>What is not confirmed goes again with the same message id, beginning with the oldest, so consumers see everything at
 * least once and, leaving out what they see twice, in the order of the outbox. Deltas of a generation are dropped while the
 * broker is away.
 *
 * <p><b>Threads.</b> One of its own does all the work and blocks on outbox and broker; no failure of either ends it. Methods
 * are safe for all threads.
 */
public final class EventRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventRelay.class);
    /** Events on the way at once: enough that a round trip to the broker does not count, few enough to send twice. */
    private static final int BATCH = 256;
    /** How long the outbox is listened to before the relay looks up. */
    private static final Duration PATIENCE = Duration.ofMillis(500);
    /** Between two looks at a broker or a store that is away. */
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** The same when there is not much time. */
    private static final Duration PAUSE_CLOSING = Duration.ofMillis(100);
    /** How long {@link #close} may take to send what is left. */
    private static final Duration FLUSH = Duration.ofSeconds(5);
    /** What the thread may take beyond that, before it is interrupted and once more after it. */
    private static final Duration GRACE = Duration.ofSeconds(1);
    /** How long a batch may take to be confirmed; a broker that writes to disk takes milliseconds. */
    private static final Duration CONFIRMATION = Duration.ofSeconds(5);

    private final AmqpConnection connection;
    private final Outbox outbox;
    private final RpcMeter meter;
    private final TimeSource time;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Opened opened;

    @GuardedBy("lock")
    private boolean closing;

    /** When flushing ends, by {@link System#nanoTime}; means something while closing only. */
    @GuardedBy("lock")
    private long flushUntil;

    /** Confirmed and still in the outbox; the relay's thread only. */
    private final List<OutboxEntry> departed = new ArrayList<>();

    /** What the operator was told last; the relay's thread only. */
    private String told = "";

    private EventRelay(AmqpConnection connection, Outbox outbox, RpcMeter meter, TimeSource time) {
        this.connection = connection;
        this.outbox = outbox;
        this.meter = meter;
        this.time = time;
        this.thread = Thread.ofPlatform().daemon().name("event-relay").unstarted(this::run);
    }

    /**
     * Makes a relay.
     *
     * @param connection not started yet
     * @param outbox     nobody else takes from it
     */
    public static EventRelay create(AmqpConnection connection, Outbox outbox, RpcMeter meter, TimeSource time) {
        var relay = new EventRelay(connection, outbox, meter, time);
        connection.use(relay.new Links());
        return relay;
    }

    /** Begins; with or without a connection. */
    public void start() {
        thread.start();
    }

    /**
     * Sends what is left in the outbox, for 5 s at most and not at all while the broker is away, and ends; to be called before
     * the connection is closed. What is still there stays in the outbox. Idempotent.
     */
    @Override
    public void close() {
        beginClosing();
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            if (!thread.join(FLUSH.plus(GRACE))) {
                thread.interrupt();
                if (!thread.join(GRACE)) {
                    LOG.warn("the relay of events does not end: outbox or broker do not let go of it");
                }
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            boolean more = true;
            while (more) {
                more = turn();
            }
        } catch (InterruptedException e) {
            LOG.warn("the relay of events was stopped before it was done; what is left stays in the outbox");
        }
        try {
            removeDeparted();
        } catch (StoreException e) {
            LOG.warn(
                    "{} events left and could not be taken out of the outbox; they will come twice",
                    departed.size(),
                    e);
        }
    }

    /** One round; false when there is nothing left to do. */
    private boolean turn() throws InterruptedException {
        try {
            removeDeparted();
            var now = awaitLink();
            if (now == null) {
                dropDeltas();
                return !isClosing();
            }
            var batch = outbox.peek(BATCH, isClosing() ? Duration.ZERO : PATIENCE);
            if (batch.isEmpty()) {
                return !isClosing();
            }
            settle(now, batch, now.link().send(batch, CONFIRMATION));
        } catch (StoreException e) {
            tell("the outbox cannot be read: " + e.getMessage());
            pause();
        } catch (RuntimeException e) {
            LOG.error("a defect in the relay of events; it goes on", e);
            pause();
        }
        return !isFlushed();
    }

    /** Sorts a batch by what became of it. */
    private void settle(Opened now, List<OutboxEntry> batch, EventLink.Sent sent) throws InterruptedException {
        var dropped = new ArrayList<OutboxEntry>();
        for (int i = 0; i < batch.size(); i++) {
            var entry = batch.get(i);
            if (sent.confirmed().get(i)) {
                departed.add(entry);
                meter.eventPublished(entry.type(), Duration.ofNanos(sent.took().get(i)));
            } else if (!entry.lasting()) {
                dropped.add(entry);
            } else if (i < sent.handedOver()) {
                meter.eventRetried(entry.type());
            }
        }
        drop(dropped);
        if (sent.timedOut()) {
            connection.failed(now.user(), now.on(), "no confirmation within " + CONFIRMATION.toSeconds() + " s");
        }
        if (sent.confirmed().cardinality() == batch.size()) {
            told = "";
        } else {
            tell(batch.size() - sent.confirmed().cardinality() + " of " + batch.size() + " events were not confirmed");
            pause();
        }
    }

    private void removeDeparted() {
        if (!departed.isEmpty()) {
            outbox.remove(List.copyOf(departed));
            departed.clear();
        }
    }

    /** What may be dropped is, so that it does not pile up behind a broker that is away. */
    private void dropDeltas() throws InterruptedException {
        drop(outbox.peek(BATCH, Duration.ZERO).stream()
                .filter(entry -> !entry.lasting())
                .toList());
    }

    private void drop(List<OutboxEntry> entries) {
        if (!entries.isEmpty()) {
            entries.forEach(entry -> meter.eventDropped(entry.type()));
            outbox.remove(entries);
        }
    }

    /** A link that takes events, or null when there is none for a second or two; at once when closing. */
    private @Nullable Opened awaitLink() throws InterruptedException {
        var now = awaitOpened();
        return now != null && now.link().awaitOpen(isClosing() ? Duration.ZERO : PAUSE) ? now : null;
    }

    private @Nullable Opened awaitOpened() throws InterruptedException {
        long left = PAUSE.toNanos();
        lock.lockInterruptibly();
        try {
            while ((opened == null || opened.link().isOver()) && !closing && left > 0) {
                left = changed.awaitNanos(left);
            }
            return opened == null || opened.link().isOver() ? null : opened;
        } finally {
            lock.unlock();
        }
    }

    /** Waits a second, or until closing begins; while closing, shortly. */
    private void pause() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            boolean wasClosing = closing;
            long left = (wasClosing ? PAUSE_CLOSING : PAUSE).toNanos();
            while (closing == wasClosing && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void tell(String what) {
        if (!what.equals(told)) {
            told = what;
            LOG.warn("events wait: {}", what);
        }
    }

    private void beginClosing() {
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                flushUntil = System.nanoTime() + FLUSH.toNanos();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFlushed() {
        lock.lock();
        try {
            return closing && System.nanoTime() - flushUntil >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void open(@Nullable Opened now) {
        lock.lock();
        try {
            if (opened != null) {
                opened.link().end();
            }
            opened = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A link with what it stands on. */
    private record Opened(EventLink link, AmqpConnection.User user, Connection on) {}

    /** Opens a link on every connection. */
    private final class Links implements AmqpConnection.User {
        @Override
        public void connected(Connection to) throws IOException {
            open(new Opened(EventLink.open(to, time, why -> connection.failed(this, to, why)), this, to));
        }

        @Override
        public void disconnected() {
            open(null);
        }

        @Override
        public String toString() {
            return "the relay of events";
        }
    }
}
