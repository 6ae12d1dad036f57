package org.pipecatmanager.adapter.mysql;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

/**
 * New records whose callers wait for them: one by one while there are few, in one statement for all that wait where there are
 * many.
 *
 * <p>A caller that finds a free place writes what waits, its own record first; the others wait for it. A statement that the
 * database refuses, because one of its rows is there already or does not fit, is repeated row by row, so everyone gets the
 * answer of their own row.
 *
 * <p><b>Threads.</b> Any that may block; none of its own. Nobody waits longer than {@code patience} for a place, and no
 * statement takes longer than the most impatient of its callers has left.
 */
final class RecordInserts {
    /** Statements at once; the pool's other connections are for those who read. */
    private static final int PLACES = 2;

    /** What writes. */
    interface Statement {
        /**
         * Writes all or nothing.
         *
         * @param deadline by {@link System#nanoTime}
         * @return false when the database refuses one of them
         * @throws StoreException it cannot be used
         */
        boolean all(List<Waiting> rows, long deadline);

        /** Writes one; false when its id is there already. */
        boolean one(Waiting row);
    }

    /** A record on its way. */
    static final class Waiting {
        private final Pipecatcall call;
        private final String requestHash;
        private final boolean ours;
        private final long deadline;
        /** Whether a statement with it may have reached the database. */
        private volatile boolean sent;

        private volatile @Nullable Boolean inserted;
        private volatile @Nullable RuntimeException failure;
        /** Guarded by the lock. */
        private boolean taken;

        /**
         * Makes one.
         *
         * @param ours     whether a row of its id may be there that is ours to take over
         * @param deadline by {@link System#nanoTime}
         */
        Waiting(Pipecatcall call, String requestHash, boolean ours, long deadline) {
            this.call = call;
            this.requestHash = requestHash;
            this.ours = ours;
            this.deadline = deadline;
        }

        Pipecatcall call() {
            return call;
        }

        String requestHash() {
            return requestHash;
        }

        boolean isOurs() {
            return ours;
        }

        long deadline() {
            return deadline;
        }

        boolean isSent() {
            return sent;
        }

        void markSent() {
            sent = true;
        }

        private boolean isDone() {
            return inserted != null || failure != null;
        }
    }

    private final Statement statement;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();

    @GuardedBy("lock")
    private int writing;

    RecordInserts(Statement statement) {
        this.statement = statement;
    }

    /**
     * Writes a record.
     *
     * @return false when its id is there already
     * @throws RuntimeException as the statement's
     */
    boolean insert(Waiting mine) {
        var batch = placeOrOutcome(mine);
        if (!batch.isEmpty()) {
            write(batch);
        }
        var failure = mine.failure;
        if (failure instanceof StoreException shared) {
            throw new StoreException(String.valueOf(shared.getMessage()), shared.getCause());
        }
        if (failure != null) {
            throw failure;
        }
        return Boolean.TRUE.equals(mine.inserted);
    }

    /** Records that wait for a place. */
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** What this thread is to write, or nothing when another one has written its record. */
    private List<Waiting> placeOrOutcome(Waiting mine) {
        boolean interrupted = false;
        lock.lock();
        try {
            queue.addLast(mine);
            while (!mine.isDone()) {
                if (!mine.taken && writing < PLACES) {
                    writing++;
                    return take(mine);
                }
                long left = mine.deadline - System.nanoTime();
                if (left <= 0 && !mine.taken) {
                    queue.remove(mine);
                    throw new StoreException(
                            "record " + mine.call.id() + " cannot be written: those before it took too long", null);
                }
                try {
                    long unused = changed.awaitNanos(Math.max(left, TimeUnit.MILLISECONDS.toNanos(100)));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return List.of();
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @GuardedBy("lock")
    private List<Waiting> take(Waiting mine) {
        var batch = new ArrayList<Waiting>();
        queue.remove(mine);
        batch.add(mine);
        int bytes = weight(mine);
        for (var next = queue.peekFirst();
                next != null && batch.size() < Statements.STATEMENT_ROWS;
                next = queue.peekFirst()) {
            bytes += weight(next);
            if (bytes > Statements.STATEMENT_BYTES) {
                break;
            }
            batch.add(queue.removeFirst());
        }
        batch.forEach(row -> row.taken = true);
        return batch;
    }

    private static int weight(Waiting row) {
        return new JournalEntry.RecordUpdate(row.call).weight();
    }

    private void write(List<Waiting> batch) {
        try {
            if (batch.size() > 1 && together(batch)) {
                batch.forEach(row -> row.inserted = true);
            } else {
                for (var row : batch) {
                    alone(row);
                }
            }
        } catch (RuntimeException e) {
            // Where the database cannot be used the others need not wait for it, one after the other.
            batch.stream().filter(row -> !row.isDone()).forEach(row -> row.failure = e);
        } finally {
            lock.lock();
            try {
                writing--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean together(List<Waiting> batch) {
        long earliest = batch.getFirst().deadline;
        for (var row : batch) {
            earliest = row.deadline - earliest < 0 ? row.deadline : earliest;
        }
        return statement.all(batch, earliest);
    }

    private void alone(Waiting row) {
        try {
            row.inserted = statement.one(row);
        } catch (RequestException e) {
            row.failure = e;
        }
    }
}
