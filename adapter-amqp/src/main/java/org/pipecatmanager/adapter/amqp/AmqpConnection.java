package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RpcMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker that is made again whenever it breaks.
 *
 * <p>What uses it is a {@link User}: it declares and consumes on channels of its own each time there is a connection. The
 * library's own recovery is off, so that there is one place where things come back.
 *
 * <p><b>Threads.</b> A thread of its own dials and calls the users, one after the other. Consumers are dispatched on virtual
 * threads, one at a time per channel: a consumer hands over at once. All methods are safe for all threads.
 */
public final class AmqpConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);
    /** How long an orderly good-bye to the broker may take. */
    static final int CLOSE_MILLIS = 2_000;

    private final AmqpConfig config;
    private final RpcMeter meter;
    private final ConnectionFactory factory;
    private final List<User> users = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Why there is no connection, empty while there is one. */
    @GuardedBy("lock")
    private String problem;

    @GuardedBy("lock")
    private @Nullable Life life;

    /** What the operator was told last; touched by the connection's thread only. */
    private String told = "";

    /** What the meter was told last; touched by the connection's thread only. */
    private boolean up;

    private AmqpConnection(AmqpConfig config, RpcMeter meter) {
        this.config = config;
        this.meter = meter;
        this.factory = Factories.of(config);
        this.thread = Thread.ofPlatform().daemon().name("amqp-connection").unstarted(this::run);
        this.problem = "RabbitMQ at " + config.place() + " was not dialled yet";
    }

    /** Makes one that does not dial before {@link #start()}. */
    public static AmqpConnection create(AmqpConfig config, RpcMeter meter) {
        return new AmqpConnection(config, meter);
    }

    /** Hears of every connection, after those that were registered before; to be called before {@link #start()}. */
    public void use(User user) {
        users.add(user);
    }

    /** Dials, and goes on dialling for as long as it takes; returns at once. */
    public void start() {
        thread.start();
    }

    /** Whether there is a connection on which every user has set itself up. */
    public boolean isUp() {
        return problem().isEmpty();
    }

    /** Why there is no connection, in a sentence without secrets; empty when there is one. */
    public String problem() {
        lock.lock();
        try {
            return problem;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@link #isUp()}; false when it took longer. */
    public boolean awaitUp(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (!problem.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return problem.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A user cannot go on, because the broker closed a channel of it: the connection is given up and made again, which sets
     * up every user anew. Nothing happens when the user means a connection that is gone already.
     *
     * @param why for the operator
     */
    public void failed(User user, Connection connection, String why) {
        lock.lock();
        try {
            if (life != null && life.connection.equals(connection)) {
                life.over.complete(user + " cannot go on: " + why);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A connection for something that may cost it its life; the caller closes it.
     *
     * @param purpose for the broker's list of connections
     */
    Connection dialAside(String purpose) throws IOException, TimeoutException {
        return factory.newConnection(config.clientName() + "-" + purpose);
    }

    /**
     * Takes leave of the broker: users first, last registered first, then the connection. Idempotent; takes a few seconds at
     * most, also when the broker does not answer.
     */
    @Override
    public void close() {
        closing.countDown();
        lock.lock();
        try {
            if (life != null) {
                life.over.complete("closed");
            }
        } finally {
            lock.unlock();
        }
        try {
            if (thread.getState() != Thread.State.NEW
                    && !thread.join(config.connectTimeout().multipliedBy(2).plusMillis(2L * CLOSE_MILLIS))) {
                LOG.warn("the connection to RabbitMQ at {} does not end; it is left alone", config.place());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (isOpen()) {
            var connection = dial();
            if (connection != null) {
                live(new Life(connection, new CompletableFuture<>()));
            }
            pause();
        }
    }

    private @Nullable Connection dial() {
        try {
            return factory.newConnection(config.clientName());
        } catch (IOException | TimeoutException | RuntimeException e) {
            broken("cannot be reached: " + Failures.reason(e));
            return null;
        }
    }

    /** From the users' set-up to their end. */
    private void live(Life now) {
        var setUp = new ArrayDeque<User>();
        now.connection.addShutdownListener(
                cause -> now.over.complete("the connection broke: " + Failures.reason(cause)));
        begin(now);
        try {
            for (var user : users) {
                setUp.push(user);
                user.connected(now.connection);
            }
            up(now);
            broken(now.over.join());
        } catch (IOException | RuntimeException e) {
            broken("cannot be used: " + Failures.reason(e));
            LOG.debug("set-up failed", e);
        } finally {
            end(now);
            setUp.forEach(this::disconnect);
            now.connection.abort(CLOSE_MILLIS);
        }
    }

    private void begin(Life now) {
        lock.lock();
        try {
            life = now;
        } finally {
            lock.unlock();
        }
        if (!isOpen()) {
            now.over.complete("closed");
        }
    }

    private void up(Life now) {
        lock.lock();
        try {
            problem = now.over.isDone() ? problem : "";
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        told = "";
        up = true;
        LOG.info("connected to RabbitMQ at {}", config.place());
        meter.connected(true);
    }

    private void end(Life now) {
        lock.lock();
        try {
            life = null;
        } finally {
            lock.unlock();
        }
        now.over.complete("");
    }

    private void disconnect(User user) {
        try {
            user.disconnected();
        } catch (RuntimeException e) {
            LOG.error("{} failed to take leave of a connection", user, e);
        }
    }

    /** Tells the operator when it is something new. */
    private void broken(String why) {
        var sentence = "RabbitMQ at " + config.place() + ": " + why;
        lock.lock();
        try {
            problem = sentence;
        } finally {
            lock.unlock();
        }
        if (up) {
            up = false;
            meter.connected(false);
        }
        if (isOpen() && !sentence.equals(told)) {
            told = sentence;
            LOG.warn(
                    "{}; trying again every {} s", sentence, config.retryPause().toMillis() / 1000.0);
        }
    }

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    private void pause() {
        try {
            if (closing.await(config.retryPause().toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.debug("no more connections");
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread: its end is asked for through the latch.
            Thread.currentThread().interrupt();
        }
    }

    /** One connection, and why it ended. */
    private record Life(Connection connection, CompletableFuture<String> over) {}

    /** What declares and consumes on a connection. Called by the connection's thread only; {@code toString} names it. */
    public interface User {
        /**
         * There is a connection: open channels, declare, consume.
         *
         * @throws IOException it cannot be used; the connection is closed and made again
         */
        void connected(Connection connection) throws IOException;

        /** The connection of the last {@link #connected} is over, or is about to be, or that call failed. */
        void disconnected();
    }
}
