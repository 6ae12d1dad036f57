package org.pipecatmanager.adapter.mysql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.mysql.JournalEntry.Event;
import org.pipecatmanager.adapter.mysql.JournalEntry.RecordUpdate;
import org.pipecatmanager.adapter.mysql.JournalEntry.ReportKept;
import org.pipecatmanager.adapter.mysql.JournalEntry.Said;
import org.pipecatmanager.adapter.mysql.JournalEntry.TurnKept;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/**
 * The journal's SQL.
 *
 * <p>A batch first locks the records of its calls ({@code FOR UPDATE}): whoever claims one of them waits until the batch is
 * committed, and what another daemon has claimed already is left out. So no row of ours comes after a claim.
 */
final class SqlJournal implements JournalSql {
    /** A server that says nothing for that long hangs; what is put meanwhile waits in the journal's queue. */
    private static final Duration SILENCE = Duration.ofSeconds(5);
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
        return transaction("a batch of " + entries.size() + " entries cannot be written", connection -> {
            var owned = owned(connection, owner, calls(entries));
            var batch = new Batch();
            for (var entry : entries) {
                if (!owned.lost().contains(entry.call()) && !owned.missing().contains(entry.call())) {
                    batch.add(entry);
                }
            }
            return new Written(owned.lost(), owned.missing(), batch.write(connection, database.dialect(), owner));
        });
    }

    /** Entries by what they become; of several states of a record the last. */
    private static final class Batch {
        private final Map<PipecatcallId, Pipecatcall> records = new LinkedHashMap<>();
        private final List<Event> events = new ArrayList<>();
        private final List<SpokenMessage> messages = new ArrayList<>();
        private final List<Turn> turns = new ArrayList<>();
        private final List<CallReport> reports = new ArrayList<>();

        void add(JournalEntry entry) {
            switch (entry) {
                case RecordUpdate update -> records.put(update.call(), update.record());
                case Event event -> events.add(event);
                case Said said -> messages.add(said.message());
                case TurnKept kept -> turns.add(kept.turn());
                case ReportKept kept -> reports.add(kept.report());
            }
        }

        /** One statement, or one exchange with the server, for each kind, to calls that are locked as ours; gives the events that have not left. */
        Set<UUID> write(Connection connection, Dialect dialect, HostInstance owner) throws SQLException {
            var waiting = events.isEmpty() ? Set.<UUID>of() : writeEvents(connection, dialect, owner);
            if (!messages.isEmpty()) {
                Statements.insertMessages(connection, messages);
            }
            if (!turns.isEmpty()) {
                Statements.upsertTurns(connection, turns);
            }
            if (!reports.isEmpty()) {
                Statements.upsertReports(connection, reports);
            }
            if (!records.isEmpty()) {
                Statements.replaceRecords(connection, records.values(), owner);
            }
            return waiting;
        }

        private Set<UUID> writeEvents(Connection connection, Dialect dialect, HostInstance owner) throws SQLException {
            var ids = new LinkedHashSet<UUID>();
            events.forEach(event -> ids.add(event.entry().messageId()));
            try {
                Statements.insertOutbox(connection, events, owner);
                return ids;
            } catch (SQLException e) {
                if (!dialect.isDuplicateKey(e)) {
                    throw e;
                }
            }
            // Some were written before, in a transaction whose end nobody heard of.
            for (var event : events) {
                Statements.insertOutboxOnce(connection, event.entry(), event.at(), owner);
            }
            return waiting(connection, owner, ids);
        }
    }

    @Override
    public boolean answers() {
        return database.isUp();
    }

    @Override
    public Unsent unsent(HostInstance owner, Set<UUID> known, int limit) {
        return transaction("the outbox cannot be read", connection -> {
            int most = known.size() + limit;
            var ids = new ArrayList<UUID>();
            try (var query = connection.prepareStatement("""
                    SELECT id FROM pipecat_outbox
                    WHERE instance_id = ? AND tm_publish IS NULL ORDER BY position LIMIT ?
                    """)) {
                new Binder(query).add(owner.instanceId()).add(most);
                ids.addAll(ids(query));
            }
            boolean all = ids.size() < most;
            ids.removeAll(known);
            if (ids.size() > limit) {
                return new Unsent(entries(connection, ids.subList(0, limit)), false);
            }
            return new Unsent(entries(connection, ids), all);
        });
    }

    @Override
    public void sent(Collection<UUID> messageIds, Instant now) {
        var ids = new ArrayList<>(messageIds);
        for (int from = 0; from < ids.size(); from += IDS) {
            var part = ids.subList(from, Math.min(ids.size(), from + IDS));
            int unused = transaction("events that have left cannot be marked", connection -> {
                try (var update = connection.prepareStatement("UPDATE pipecat_outbox SET tm_publish = ? WHERE id IN "
                        + places(part) + " AND tm_publish IS NULL")) {
                    add(new Binder(update).add(now), part);
                    return update.executeUpdate();
                }
            });
        }
    }

    /** Which calls of a batch are not its owner's; the records of the others are locked until its end. */
    private record Owned(Set<PipecatcallId> lost, Set<PipecatcallId> missing) {}

    private static Owned owned(Connection connection, HostInstance owner, Set<PipecatcallId> calls)
            throws SQLException {
        var lost = new HashSet<PipecatcallId>();
        var missing = new HashSet<>(calls);
        var ids = calls.stream().map(PipecatcallId::value).toList();
        try (var query = connection.prepareStatement("SELECT id, instance_id, lease_epoch FROM pipecat_pipecatcalls"
                + " WHERE id IN " + places(ids) + " FOR UPDATE")) {
            add(new Binder(query), ids);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    var id = new PipecatcallId(Columns.uuid(rows.getBytes(1)));
                    missing.remove(id);
                    if (!owner.instanceId().equals(rows.getString(2)) || rows.getInt(3) != Statements.OWNER_EPOCH) {
                        lost.add(id);
                    }
                }
            }
        }
        return new Owned(lost, missing);
    }

    private static Set<PipecatcallId> calls(List<JournalEntry> entries) {
        var calls = new LinkedHashSet<PipecatcallId>();
        for (var entry : entries) {
            calls.add(entry.call());
        }
        return calls;
    }

    private static Set<UUID> waiting(Connection connection, HostInstance owner, Collection<UUID> events)
            throws SQLException {
        try (var query = connection.prepareStatement("SELECT id FROM pipecat_outbox WHERE id IN " + places(events)
                + " AND instance_id = ? AND tm_publish IS NULL")) {
            add(new Binder(query), events).add(owner.instanceId());
            return Set.copyOf(ids(query));
        }
    }

    private static List<OutboxEntry> entries(Connection connection, List<UUID> ids) throws SQLException {
        if (ids.isEmpty()) {
            return List.of();
        }
        try (var query = connection.prepareStatement(
                "SELECT id, pipecatcall_id, type, sequence, body, traceparent FROM pipecat_outbox WHERE id IN "
                        + places(ids) + " ORDER BY position")) {
            add(new Binder(query), ids);
            var entries = new ArrayList<OutboxEntry>();
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    entries.add(new OutboxEntry(
                            Columns.uuid(row.getBytes(1)),
                            new PipecatcallId(Columns.uuid(row.getBytes(2))),
                            row.getString(3),
                            row.getLong(4),
                            row.getString(5),
                            true,
                            Columns.trace(row.getString(6))));
                }
            }
            return entries;
        }
    }

    /** "(?, ?)" for two. */
    private static String places(Collection<UUID> ids) {
        return Collections.nCopies(ids.size(), "?").stream().collect(Collectors.joining(", ", "(", ")"));
    }

    @CanIgnoreReturnValue
    private static Binder add(Binder binder, Collection<UUID> ids) throws SQLException {
        for (var id : ids) {
            binder.add(id);
        }
        return binder;
    }

    /** The first column of a query. */
    private static List<UUID> ids(PreparedStatement query) throws SQLException {
        var ids = new ArrayList<UUID>();
        try (var rows = query.executeQuery()) {
            while (rows.next()) {
                ids.add(Columns.uuid(rows.getBytes(1)));
            }
        }
        return ids;
    }

    private <T> T transaction(String what, Database.Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return database.transaction(SILENCE, work);
            } catch (SQLException | RuntimeException e) {
                if (attempt < ATTEMPTS && SqlFailure.isRivalry(e)) {
                    continue;
                }
                var sql = sqlCause(e);
                if (sql == null || isAboutValues(sql)) {
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
