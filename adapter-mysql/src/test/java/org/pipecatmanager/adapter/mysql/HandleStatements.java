package org.pipecatmanager.adapter.mysql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/** {@link Statements} on the handle a test has, without checked exceptions. */
final class HandleStatements {
    private HandleStatements() {}

    @CanIgnoreReturnValue
    static boolean insertRecord(Handle handle, Dialect dialect, Pipecatcall call, String hash, HostInstance owner) {
        return on(handle, connection -> Statements.insertRecord(connection, dialect, call, hash, owner));
    }

    @CanIgnoreReturnValue
    static boolean updateRecord(Handle handle, Pipecatcall call, HostInstance owner) {
        return on(handle, connection -> Statements.updateRecord(connection, call, owner));
    }

    static void insertMessage(Handle handle, SpokenMessage message) {
        run(handle, connection -> Statements.insertMessages(connection, List.of(message)));
    }

    static void upsertTurn(Handle handle, Turn turn) {
        run(handle, connection -> Statements.upsertTurns(connection, List.of(turn)));
    }

    static void upsertReport(Handle handle, CallReport report) {
        run(handle, connection -> Statements.upsertReports(connection, List.of(report)));
    }

    static void insertOutbox(Handle handle, OutboxEntry entry, Instant created, HostInstance owner) {
        run(handle, connection -> Statements.insertOutboxOnce(connection, entry, created, owner));
    }

    private interface Statement {
        void on(Connection connection) throws SQLException;
    }

    private static void run(Handle handle, Statement statement) {
        boolean unused = on(handle, connection -> {
            statement.on(connection);
            return true;
        });
    }

    private static <T> T on(Handle handle, Database.Work<T> work) {
        try {
            return work.with(handle.getConnection());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
