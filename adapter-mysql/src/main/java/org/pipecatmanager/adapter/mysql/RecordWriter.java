package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.Optional;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Where changed records go: the journal, which writes them behind, in order. Safe for all threads. */
interface RecordWriter {
    /**
     * Takes a record that replaces what stands under its id; does not wait for the database.
     *
     * @throws org.pipecatmanager.ports.out.StoreException it cannot be kept
     */
    void update(Pipecatcall call);

    /** The newest record of an id that is not in the database yet. */
    Optional<Pipecatcall> pending(PipecatcallId id);

    /** Waits, at most {@code patience}, until all records taken so far are in the database. */
    void awaitWritten(Duration patience);
}
