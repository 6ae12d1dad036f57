package org.pipecatmanager.adapter.mysql;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.StoreException;

/** A database behind a line that a test cuts and mends. */
final class CuttableSql implements JournalSql {
    private final JournalSql sql;
    private volatile boolean cut;
    private volatile CountDownLatch held = new CountDownLatch(0);
    private final AtomicInteger answersToLose = new AtomicInteger();

    CuttableSql(Database database) {
        sql = new SqlJournal(database);
    }

    void cut() {
        cut = true;
    }

    void mend() {
        cut = false;
    }

    /** So many of the next batches are committed without our hearing of it. */
    void loseAnswers(int count) {
        answersToLose.set(count);
    }

    /** Batches wait from now on. */
    void hold() {
        held = new CountDownLatch(1);
    }

    void release() {
        held.countDown();
    }

    @Override
    public Written write(HostInstance owner, List<JournalEntry> entries) {
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        check();
        var written = sql.write(owner, entries);
        if (answersToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw away();
        }
        return written;
    }

    @Override
    public boolean answers() {
        return !cut;
    }

    @Override
    public Unsent unsent(HostInstance owner, Set<UUID> known, int limit) {
        check();
        return sql.unsent(owner, known, limit);
    }

    @Override
    public void sent(Collection<UUID> messageIds, Instant now) {
        check();
        sql.sent(messageIds, now);
    }

    private void check() {
        if (cut) {
            throw away();
        }
    }

    private static StoreException away() {
        return new StoreException("the line is cut", null);
    }
}
