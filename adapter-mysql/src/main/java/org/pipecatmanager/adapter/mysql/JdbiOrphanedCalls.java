package org.pipecatmanager.adapter.mysql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.wire.EventWire;

/**
 * Closes the calls of dead daemons in SQL: the row's epoch decides between several that try, and tells the dead one if it
 * was not dead.
 *
 * <p><b>Threads.</b> Safe for all; methods block on the database, as long as it talks.
 */
public final class JdbiOrphanedCalls implements OrphanedCalls {
    /** Of ours: a row without a status is another implementation's. */
    private static final String NOT_OVER = "status IN ('starting', 'live', 'ending')";

    static final String OWNERS = "SELECT DISTINCT host_id, instance_id FROM pipecat_pipecatcalls WHERE " + NOT_OVER
            + " AND instance_id <> :self";

    static final String SENDERS = "SELECT DISTINCT host_id, instance_id FROM pipecat_outbox"
            + " WHERE tm_publish IS NULL AND instance_id <> :self";

    /** How often a transaction is tried that another one was in the way of. */
    private static final int ATTEMPTS = 5;

    private final Database database;
    private final HostInstance self;
    private final IdSource ids;
    private final boolean withOutbox;

    /**
     * Makes one for a daemon.
     *
     * @param ids        message ids of the terminated events
     * @param withOutbox whether events are kept for a broker
     */
    public JdbiOrphanedCalls(Database database, HostInstance self, IdSource ids, boolean withOutbox) {
        this.database = database;
        this.self = self;
        this.ids = ids;
        this.withOutbox = withOutbox;
    }

    @Override
    public Set<HostInstance> owners() {
        return new HashSet<>(database.forCaller(
                "the owners of calls cannot be read",
                handle -> handle.createQuery(withOutbox ? OWNERS + " UNION " + SENDERS : OWNERS)
                        .bind("self", self.instanceId())
                        .map((row, context) -> new HostInstance(Columns.text(row.getString(1)), row.getString(2)))
                        .list()));
    }

    @Override
    public List<Pipecatcall> claim(HostInstance gone, Instant now, int limit) {
        try {
            var closed = new ArrayList<Pipecatcall>();
            while (closed.size() < limit) {
                // Rivals may win all of a batch while there are more.
                var batch = candidates(gone, limit - closed.size());
                if (batch.isEmpty()) {
                    break;
                }
                for (var id : batch) {
                    claim(id, gone, now).ifPresent(closed::add);
                }
            }
            if (withOutbox && closed.size() < limit) {
                adoptTheRest(gone);
            }
            return closed;
        } catch (SQLException | JdbiException e) {
            throw SqlFailure.of("the calls of " + gone.hostId() + " (" + gone.instanceId() + ") cannot be claimed", e);
        }
    }

    private List<PipecatcallId> candidates(HostInstance gone, int limit) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT id FROM pipecat_pipecatcalls WHERE " + NOT_OVER
                                        + " AND instance_id = :gone AND lease_epoch = :epoch ORDER BY tm_create, id LIMIT :limit")
                        .bind("gone", gone.instanceId())
                        .bind("epoch", Statements.OWNER_EPOCH)
                        .bind("limit", limit)
                        .map((row, context) -> new PipecatcallId(Columns.uuid(row.getBytes(1))))
                        .list());
    }

    private Optional<Pipecatcall> claim(PipecatcallId id, HostInstance gone, Instant now) throws SQLException {
        return transaction(handle -> {
            if (!close(handle, id, gone, now)) {
                return Optional.empty();
            }
            var closed = handle.createQuery("SELECT " + RecordRow.COLUMNS + " FROM pipecat_pipecatcalls WHERE id = :id")
                    .bind("id", Columns.bytes(id.value()))
                    .map(RecordRow.MAPPER)
                    .one();
            if (withOutbox) {
                adopt(handle, id, gone);
                insertTerminated(handle, closed, now);
            }
            return Optional.of(closed);
        });
    }

    private static boolean close(Handle handle, PipecatcallId id, HostInstance gone, Instant now) {
        try (var update = handle.createUpdate("UPDATE pipecat_pipecatcalls SET lease_epoch = lease_epoch + 1,"
                + " status = :ended, end_reason = :reason, tm_end = :now, tm_update = :now"
                + " WHERE id = :id AND instance_id = :gone AND lease_epoch = :epoch AND " + NOT_OVER)) {
            return update.bind("ended", PipecatcallStatus.ENDED.wireName())
                            .bind("reason", EndReason.HOST_LOST.wireName())
                            .bind("now", Columns.time(now))
                            .bind("id", Columns.bytes(id.value()))
                            .bind("gone", gone.instanceId())
                            .bind("epoch", Statements.OWNER_EPOCH)
                            .execute()
                    == 1;
        }
    }

    /** Unsent events of the call leave from here, before its last one. */
    private void adopt(Handle handle, PipecatcallId id, HostInstance gone) {
        try (var update = handle.createUpdate("UPDATE pipecat_outbox SET host_id = :host, instance_id = :self"
                + " WHERE pipecatcall_id = :id AND instance_id = :gone AND tm_publish IS NULL")) {
            update.bind("host", self.hostId())
                    .bind("self", self.instanceId())
                    .bind("id", Columns.bytes(id.value()))
                    .bind("gone", gone.instanceId())
                    .execute();
        }
    }

    private void insertTerminated(Handle handle, Pipecatcall closed, Instant now) throws SQLException {
        var id = closed.id();
        long last = handle.createQuery("SELECT MAX(sequence) FROM pipecat_outbox WHERE pipecatcall_id = :id")
                .bind("id", Columns.bytes(id.value()))
                .map((row, context) -> row.getLong(1))
                .one();
        var event = new CallEvent(id, last + 1, EventType.PIPECATCALL_TERMINATED, now, closed, trace(handle, id));
        var entry = new OutboxEntry(
                ids.nextId(),
                id,
                event.type().wireName(),
                event.sequence(),
                Columns.json(EventWire.toMap(event)),
                true,
                event.trace());
        Statements.insertOutboxOnce(handle.getConnection(), entry, now, self);
    }

    /** That of the call's earlier events, as far as they are kept. */
    private static @Nullable TraceContext trace(Handle handle, PipecatcallId id) {
        return handle.createQuery("SELECT traceparent FROM pipecat_outbox"
                        + " WHERE pipecatcall_id = :id AND traceparent IS NOT NULL ORDER BY sequence LIMIT 1")
                .bind("id", Columns.bytes(id.value()))
                .map((row, context) -> row.getString(1))
                .findFirst()
                .flatMap(TraceContext::parse)
                .orElse(null);
    }

    /** Events of calls that were over already; those of calls a rival is claiming go with their call. */
    private void adoptTheRest(HostInstance gone) throws SQLException {
        int unused = transaction(
                handle -> handle.createUpdate("UPDATE pipecat_outbox SET host_id = :host, instance_id = :self"
                                + " WHERE instance_id = :gone AND tm_publish IS NULL AND NOT EXISTS (SELECT 1"
                                + " FROM pipecat_pipecatcalls c WHERE c.id = pipecat_outbox.pipecatcall_id"
                                + " AND c.instance_id = :gone AND c." + NOT_OVER + ")")
                        .bind("host", self.hostId())
                        .bind("self", self.instanceId())
                        .bind("gone", gone.instanceId())
                        .execute());
    }

    private <T> T transaction(HandleCallback<T, SQLException> work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return database.jdbi().inTransaction(TransactionIsolationLevel.READ_COMMITTED, work);
            } catch (SQLException | JdbiException e) {
                if (attempt == ATTEMPTS || !SqlFailure.isRivalry(e)) {
                    throw e;
                }
            }
        }
    }
}
