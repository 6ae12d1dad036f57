package org.pipecatmanager.adapter.mysql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the database every second, on a connection and a thread of its own, whether it answers. Safe for all threads. */
final class DatabaseWatch implements AutoCloseable {
    /** Opens a connection. */
    interface Dial {
        Connection connect() throws SQLException;
    }

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int ANSWER_SECONDS = 1;
    /** A server that hangs keeps the connection that long at most. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);

    private final Dial dial;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile String problem = "the database was not asked yet";
    private volatile boolean closed;
    private @Nullable Thread thread;

    DatabaseWatch(Dial dial) {
        this.dial = dial;
    }

    /** Starts asking; again is a no-op. */
    void start() {
        lock.lock();
        try {
            if (thread == null && !closed) {
                thread = Thread.ofVirtual().name("pipecat-sql-watch").start(this::watch);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Why the database does not answer; empty when it does. */
    String problem() {
        return problem;
    }

    /**
     * Waits until it answers.
     *
     * @param reason hears why it does not, each time that changes
     * @return whether it does
     */
    boolean awaitUp(Duration patience, Consumer<String> reason) throws InterruptedException {
        start();
        long deadline = System.nanoTime() + patience.toNanos();
        var told = problem;
        while (!problem.isEmpty()) {
            if (!problem.equals(told)) {
                told = problem;
                reason.accept(told);
            }
            lock.lock();
            try {
                long left = deadline - System.nanoTime();
                if (left <= 0 || closed) {
                    return false;
                }
                if (problem.equals(told)) {
                    changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    private void watch() {
        Connection connection = null;
        while (!closed) {
            try {
                if (connection == null) {
                    connection = dial.connect();
                }
                if (!connection.isValid(ANSWER_SECONDS)) {
                    throw new SQLException("it does not answer", "08000");
                }
                tell("");
            } catch (SQLException e) {
                close(connection);
                connection = null;
                tell(SqlFailure.reason(e));
            }
            pause();
        }
        close(connection);
    }

    private void tell(String now) {
        lock.lock();
        try {
            if (!closed && !problem.equals(now)) {
                problem = now;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void pause() {
        lock.lock();
        try {
            long left = PERIOD.toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException ignored) {
                // It is broken, which is why it is closed.
            }
        }
    }

    /** Ends the asking and gives the connection back. */
    @Override
    public void close() {
        @Nullable Thread asking;
        lock.lock();
        try {
            closed = true;
            problem = "the database was closed";
            changed.signalAll();
            asking = thread;
        } finally {
            lock.unlock();
        }
        if (asking != null) {
            try {
                asking.join(CLOSE_PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
