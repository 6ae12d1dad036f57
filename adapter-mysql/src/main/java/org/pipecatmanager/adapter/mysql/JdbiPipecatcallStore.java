package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.StoreException;

/**
 * Records in SQL. A new one is written while its caller waits, a changed one is written behind by the journal.
 *
 * <p><b>Threads.</b> Safe for all. {@link #update} of a call this daemon inserted does not wait for the database; the
 * others do, for 2.5 s at most, and a listing one second more for what is being written.
 */
public final class JdbiPipecatcallStore implements PipecatcallStore {
    /** How long a listing waits for changed records that are being written. */
    private static final Duration WRITING_PATIENCE = Duration.ofSeconds(1);
    /** Inserts whose outcome is unknown that are remembered at most. */
    private static final int MAX_DOUBTS = 1000;

    /** Callers of a start that failed try again within seconds, or not at all. */
    static final Duration DOUBT_PATIENCE = Duration.ofMinutes(1);

    private final Database database;
    private final HostInstance self;
    private final RecordWriter writer;
    private final RecordInserts inserts = new RecordInserts(new Inserts());
    /** Calls that this daemon inserted and that are not over. */
    private final Set<PipecatcallId> ours = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    /** Inserts that were sent and never answered: the row may be there. */
    private final Map<PipecatcallId, Doubt> doubts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PipecatcallId, Doubt> eldest) {
            return size() > MAX_DOUBTS;
        }
    };

    /** On a connection of the pool. */
    private final class Inserts implements RecordInserts.Statement {
        @Override
        public boolean all(List<RecordInserts.Waiting> rows, long deadline) {
            return database.forCallerBare(rows.size() + " records cannot be written", deadline, connection -> {
                rows.forEach(RecordInserts.Waiting::markSent);
                return Statements.insertRecords(connection, database.dialect(), rows, self);
            });
        }

        @Override
        public boolean one(RecordInserts.Waiting row) {
            var call = row.call();
            return database.forCallerBare("record " + call.id() + " cannot be written", row.deadline(), connection -> {
                row.markSent();
                return Statements.insertRecord(connection, database.dialect(), call, row.requestHash(), self)
                        || (row.isOurs() && Statements.updateRecord(connection, call, self));
            });
        }
    }

    private record Doubt(Pipecatcall call, String requestHash) {}

    /**
     * Makes a store for the calls of one daemon.
     *
     * @param writer the journal
     */
    public JdbiPipecatcallStore(Database database, HostInstance self, RecordWriter writer) {
        this.database = database;
        this.self = self;
        this.writer = writer;
    }

    /**
     * As the port says. Where an earlier insert of the same call failed without an answer, its row may stand there: it is taken over, so
     * that a caller that tries again gets a call and not the record of one that nobody runs.
     */
    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        var earlier = doubt(call.id());
        boolean mine = earlier != null && earlier.requestHash().equals(requestHash);
        var row = new RecordInserts.Waiting(
                call, requestHash, mine, System.nanoTime() + Database.CALLER_PATIENCE.toNanos());
        try {
            boolean inserted = inserts.insert(row);
            settled(call.id(), earlier);
            if (inserted) {
                ours.add(call.id());
            }
            return inserted;
        } catch (StoreException e) {
            // A refusal is an answer; only a connection that failed leaves a doubt.
            if (row.isSent() && e.getCause() != null) {
                doubts(new Doubt(call, requestHash));
            }
            throw e;
        }
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        var pending = writer.pending(id);
        if (pending.isPresent()) {
            return pending;
        }
        return database.forCaller(
                "record " + id + " cannot be read",
                handle -> handle.createQuery(
                                "SELECT " + RecordRow.COLUMNS + " FROM pipecat_pipecatcalls WHERE id = :id")
                        .bind("id", Columns.bytes(id.value()))
                        .map(RecordRow.MAPPER)
                        .findOne());
    }

    @Override
    public Optional<String> requestHash(PipecatcallId id) {
        return database.forCaller(
                "record " + id + " cannot be read",
                handle -> handle.createQuery("SELECT request_hash FROM pipecat_pipecatcalls WHERE id = :id")
                        .bind("id", Columns.bytes(id.value()))
                        .map((row, context) -> Columns.text(row.getString(1)).stripTrailing())
                        .findOne()
                        .filter(hash -> !hash.isEmpty()));
    }

    @Override
    public boolean update(Pipecatcall call) {
        if (!ours.contains(call.id()) && find(call.id()).isEmpty()) {
            return false;
        }
        writer.update(call);
        if (call.status() == PipecatcallStatus.ENDED) {
            ours.remove(call.id());
        }
        return true;
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        writer.awaitWritten(WRITING_PATIENCE);
        var listing = Listing.of(query);
        return database.forCaller("records cannot be listed", listing::read);
    }

    /**
     * Closes the rows of inserts that failed without an answer, where they are there and nobody has tried again for
     * {@link #DOUBT_PATIENCE}: no session runs them, and this daemon, which is alive, is not claimed from.
     *
     * @return rows closed
     * @throws StoreException the database cannot be reached; the next time goes on
     */
    int settle(Instant now) {
        int closed = 0;
        for (var doubt : oldDoubts(now)) {
            var call = doubt.call();
            closed += database.forCallerBare(
                    "record " + call.id() + " cannot be closed",
                    connection -> Statements.closeUnanswered(connection, call, self, now));
            settled(call.id(), doubt);
        }
        return closed;
    }

    private List<Doubt> oldDoubts(Instant now) {
        lock.lock();
        try {
            return doubts.values().stream()
                    .filter(doubt -> {
                        var created = doubt.call().created();
                        return created == null || !created.plus(DOUBT_PATIENCE).isAfter(now);
                    })
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Doubt doubt(PipecatcallId id) {
        lock.lock();
        try {
            return doubts.get(id);
        } finally {
            lock.unlock();
        }
    }

    private void doubts(Doubt doubt) {
        lock.lock();
        try {
            doubts.put(doubt.call().id(), doubt);
        } finally {
            lock.unlock();
        }
    }

    private void settled(PipecatcallId id, @Nullable Doubt doubt) {
        lock.lock();
        try {
            doubts.remove(id, doubt);
        } finally {
            lock.unlock();
        }
    }
}
