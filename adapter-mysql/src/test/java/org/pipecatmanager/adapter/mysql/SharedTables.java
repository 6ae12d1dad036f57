package org.pipecatmanager.adapter.mysql;

import java.util.List;
import java.util.Optional;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.OrphanedCallsContract;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.OrphanedCalls;

/** Tables that several daemons share. */
final class SharedTables implements OrphanedCallsContract.Harness {
    private final Database database;

    SharedTables(Database database) {
        this.database = database;
    }

    @Override
    public OrphanedCalls orphans(HostInstance self) {
        return new JdbiOrphanedCalls(database, self, new RandomIds(), true);
    }

    @Override
    public void insert(Pipecatcall call, HostInstance owner) {
        database.jdbi()
                .useHandle(handle -> HandleStatements.insertRecord(handle, database.dialect(), call, "h", owner));
    }

    @Override
    public void insertForeign(Pipecatcall call) {
        database.jdbi()
                .useHandle(handle -> handle.createUpdate(
                                "INSERT INTO pipecat_pipecatcalls (id, reference_type, host_id) VALUES (:id, :type, :host)")
                        .bind("id", Columns.bytes(call.id().value()))
                        .bind("type", call.referenceType().wireName())
                        .bind("host", call.hostId())
                        .execute());
    }

    @Override
    public boolean update(Pipecatcall call, HostInstance owner) {
        return database.jdbi().withHandle(handle -> HandleStatements.updateRecord(handle, call, owner));
    }

    @Override
    public void keep(OutboxEntry entry, HostInstance owner) {
        database.jdbi().useHandle(handle -> HandleStatements.insertOutbox(handle, entry, Calls.at(0), owner));
    }

    @Override
    public List<OutboxEntry> unsent(HostInstance daemon) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT id, pipecatcall_id, type,"
                                + " sequence, body, traceparent FROM pipecat_outbox"
                                + " WHERE instance_id = :self AND tm_publish IS NULL ORDER BY position")
                        .bind("self", daemon.instanceId())
                        .map((row, context) -> new OutboxEntry(
                                Columns.uuid(row.getBytes(1)),
                                new PipecatcallId(Columns.uuid(row.getBytes(2))),
                                row.getString(3),
                                row.getLong(4),
                                row.getString(5),
                                true,
                                Columns.trace(row.getString(6))))
                        .list());
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        return new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF)).find(id);
    }

    @Override
    public void close() {
        database.close();
    }
}
