package org.pipecatmanager.adapter.mysql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.mysql.JournalEntry.Event;
import org.pipecatmanager.adapter.mysql.JournalEntry.RecordUpdate;
import org.pipecatmanager.adapter.mysql.JournalEntry.Said;
import org.pipecatmanager.adapter.mysql.JournalEntry.TurnKept;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * The journal's SQL.
 *
 * <p>A batch first locks the records of its calls ({@code FOR UPDATE}): whoever claims one of them waits until the batch is
 * committed, and what another daemon has claimed already is left out. So no row of ours comes after a claim.
 */
final class SqlJournal implements JournalSql {
    /** A server that says nothing for that long hangs; what is put meanwhile waits in the journal's queue. */
    private static final int SILENCE_MILLIS = 5_000;
    /** Transactions that got in each other's way are run again at once, this often altogether. */
    private static final int ATTEMPTS = 3;
    /**
     * MySQL, where the SQL state does not say it: packet too large, out of range, incorrect string, too long, invalid JSON,
     * check constraint (of MySQL and of MariaDB).
     */
    private static final Set<Integer> ABOUT_VALUES = Set.of(1153, 1264, 1366, 1406, 3140, 3819, 4025);
    /** Ids in one statement. */
    private static final int IDS = 1000;

    private final Database database;

    SqlJournal(Database database) {
        this.database = database;
    }

    @Override
    public Written write(HostInstance owner, List<JournalEntry> entries) {
        return transaction("a batch of " + entries.size() + " entries cannot be written", handle -> {
            var owned = owned(handle, owner, calls(entries));
            var written = new Written(owned.lost(), owned.missing(), new HashSet<>());
            var records = new LinkedHashMap<PipecatcallId, RecordUpdate>();
            var events = new ArrayList<UUID>();
            for (var entry : entries) {
                if (owned.lost().contains(entry.call()) || owned.missing().contains(entry.call())) {
                    continue;
                }
                switch (entry) {
                    case RecordUpdate update -> records.put(update.call(), update);
                    case Event event -> {
                        Statements.insertOutbox(handle, event.entry(), event.at(), owner);
                        events.add(event.entry().messageId());
                    }
                    case Said said -> Statements.insertMessage(handle, said.message());
                    case TurnKept kept -> Statements.upsertTurn(handle, kept.turn());
                }
            }
            for (var update : records.values()) {
                Statements.updateRecord(handle, update.record(), owner);
            }
            written.waiting().addAll(waiting(handle, owner, events));
            return written;
        });
    }

    @Override
    public boolean answers() {
        return database.isUp();
    }

    @Override
    public Unsent unsent(HostInstance owner, Set<UUID> known, int limit) {
        return transaction("the outbox cannot be read", handle -> {
            int most = known.size() + limit;
            var ids = handle.createQuery("""
                            SELECT id FROM pipecat_outbox
                            WHERE instance_id = :instance AND tm_publish IS NULL ORDER BY position LIMIT :most
                            """)
                    .bind("instance", owner.instanceId())
                    .bind("most", most)
                    .map((row, context) -> Columns.uuid(row.getBytes(1)))
                    .list();
            boolean all = ids.size() < most;
            ids.removeAll(known);
            if (ids.size() > limit) {
                return new Unsent(entries(handle, ids.subList(0, limit)), false);
            }
            return new Unsent(entries(handle, ids), all);
        });
    }

    @Override
    public void sent(Collection<UUID> messageIds, Instant now) {
        var ids = new ArrayList<>(messageIds);
        for (int from = 0; from < ids.size(); from += IDS) {
            var part = bytes(ids.subList(from, Math.min(ids.size(), from + IDS)));
            transaction(
                    "events that have left cannot be marked",
                    handle -> handle.createUpdate(
                                    "UPDATE pipecat_outbox SET tm_publish = :now WHERE id IN (<ids>) AND tm_publish IS NULL")
                            .bind("now", Columns.time(now))
                            .bindList("ids", part)
                            .execute());
        }
    }

    /** Which calls of a batch are not its owner's; the records of the others are locked until its end. */
    private record Owned(Set<PipecatcallId> lost, Set<PipecatcallId> missing) {}

    private static Owned owned(Handle handle, HostInstance owner, Set<PipecatcallId> calls) {
        var lost = new HashSet<PipecatcallId>();
        var missing = new HashSet<>(calls);
        handle.createQuery("""
                        SELECT id, instance_id, lease_epoch FROM pipecat_pipecatcalls WHERE id IN (<ids>) FOR UPDATE
                        """)
                .bindList("ids", bytes(calls.stream().map(PipecatcallId::value).toList()))
                .map((row, context) -> {
                    var id = new PipecatcallId(Columns.uuid(row.getBytes(1)));
                    missing.remove(id);
                    if (!owner.instanceId().equals(row.getString(2)) || row.getInt(3) != Statements.OWNER_EPOCH) {
                        lost.add(id);
                    }
                    return id;
                })
                .list();
        return new Owned(lost, missing);
    }

    private static Set<PipecatcallId> calls(List<JournalEntry> entries) {
        var calls = new LinkedHashSet<PipecatcallId>();
        for (var entry : entries) {
            calls.add(entry.call());
        }
        return calls;
    }

    private static List<UUID> waiting(Handle handle, HostInstance owner, List<UUID> events) {
        if (events.isEmpty()) {
            return List.of();
        }
        return handle.createQuery("""
                        SELECT id FROM pipecat_outbox
                        WHERE id IN (<ids>) AND instance_id = :instance AND tm_publish IS NULL
                        """)
                .bindList("ids", bytes(events))
                .bind("instance", owner.instanceId())
                .map((row, context) -> Columns.uuid(row.getBytes(1)))
                .list();
    }

    private static List<OutboxEntry> entries(Handle handle, List<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return handle.createQuery("""
                        SELECT id, pipecatcall_id, type, sequence, body, traceparent FROM pipecat_outbox
                        WHERE id IN (<ids>) ORDER BY position
                        """)
                .bindList("ids", bytes(ids))
                .map((row, context) -> new OutboxEntry(
                        Columns.uuid(row.getBytes(1)),
                        new PipecatcallId(Columns.uuid(row.getBytes(2))),
                        row.getString(3),
                        row.getLong(4),
                        row.getString(5),
                        true,
                        Columns.trace(row.getString(6))))
                .list();
    }

    private static List<byte[]> bytes(List<UUID> ids) {
        return ids.stream().map(Columns::bytes).toList();
    }

    private interface Work<T> {
        T with(Handle handle) throws SQLException;
    }

    private <T> T transaction(String what, Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return database.jdbi().inTransaction(TransactionIsolationLevel.READ_COMMITTED, handle -> {
                    if (database.dialect().knowsNetworkTimeout()) {
                        handle.getConnection().setNetworkTimeout(Runnable::run, SILENCE_MILLIS);
                    }
                    return work.with(handle);
                });
            } catch (SQLException | RuntimeException e) {
                if (attempt < ATTEMPTS && SqlFailure.isRivalry(e)) {
                    continue;
                }
                var sql = sqlCause(e);
                if (sql == null ? !(e instanceof JdbiException) : isAboutValues(sql)) {
                    throw new Refused(SqlFailure.reason(e));
                }
                throw SqlFailure.of(what, e);
            }
        }
    }

    /** Value out of range, too long, malformed (22), constraint (23), or longer than the server takes (MariaDB's driver). */
    private static boolean isAboutValues(SQLException sql) {
        var state = String.valueOf(sql.getSQLState());
        return state.startsWith("22")
                || state.startsWith("23")
                || state.equals("HZ000")
                || ABOUT_VALUES.contains(sql.getErrorCode());
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
