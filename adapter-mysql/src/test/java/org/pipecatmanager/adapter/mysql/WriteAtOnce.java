package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.Optional;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/** Stands for the journal, and has written before it answers. */
final class WriteAtOnce implements RecordWriter, HistoryWriter {
    private final Database database;
    private final HostInstance self;

    WriteAtOnce(Database database, HostInstance self) {
        this.database = database;
        this.self = self;
    }

    @Override
    public void update(Pipecatcall call) {
        database.jdbi().useHandle(handle -> HandleStatements.updateRecord(handle, call, self));
    }

    @Override
    public Optional<Pipecatcall> pending(PipecatcallId id) {
        return Optional.empty();
    }

    @Override
    public void said(SpokenMessage message) {
        database.jdbi().useHandle(handle -> HandleStatements.insertMessage(handle, message));
    }

    @Override
    public void turn(Turn turn) {
        database.jdbi().useHandle(handle -> HandleStatements.upsertTurn(handle, turn));
    }

    @Override
    public void report(CallReport report) {
        database.jdbi().useHandle(handle -> HandleStatements.upsertReport(handle, report));
    }

    @Override
    public void awaitWritten(Duration patience) {}
}
