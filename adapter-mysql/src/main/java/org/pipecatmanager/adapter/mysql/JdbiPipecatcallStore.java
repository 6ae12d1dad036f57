package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private final Database database;
    private final HostInstance self;
    private final RecordWriter writer;
    /** Calls that this daemon inserted and that are not over. */
    private final Set<PipecatcallId> ours = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    /** Fingerprints of inserts that were sent and never answered: the row may be there. */
    private final Map<PipecatcallId, String> doubts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PipecatcallId, String> eldest) {
            return size() > MAX_DOUBTS;
        }
    };

    JdbiPipecatcallStore(Database database, HostInstance self, RecordWriter writer) {
        this.database = database;
        this.self = self;
        this.writer = writer;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Where an earlier insert of the same call failed without an answer, its row may stand there: it is taken over, so
     * that a caller that tries again gets a call and not the record of one that nobody runs.
     */
    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        var sent = new AtomicBoolean();
        boolean mine = isDoubtful(call.id(), requestHash);
        try {
            boolean inserted = database.forCaller("record " + call.id() + " cannot be written", handle -> {
                sent.set(true);
                return Statements.insertRecord(handle, database.dialect(), call, requestHash, self)
                        || (mine && Statements.updateRecord(handle, call, self) == 1);
            });
            doubt(call.id(), null);
            if (inserted) {
                ours.add(call.id());
            }
            return inserted;
        } catch (StoreException e) {
            if (sent.get()) {
                doubt(call.id(), requestHash);
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

    private boolean isDoubtful(PipecatcallId id, String requestHash) {
        lock.lock();
        try {
            return requestHash.equals(doubts.get(id));
        } finally {
            lock.unlock();
        }
    }

    private void doubt(PipecatcallId id, @Nullable String requestHash) {
        lock.lock();
        try {
            if (requestHash == null) {
                doubts.remove(id);
            } else {
                doubts.put(id, requestHash);
            }
        } finally {
            lock.unlock();
        }
    }
}
