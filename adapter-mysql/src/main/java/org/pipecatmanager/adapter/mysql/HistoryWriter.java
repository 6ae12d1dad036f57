package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/** Where what was said goes: the journal, which writes it behind, in order. Safe for all threads. */
interface HistoryWriter {
    /**
     * Takes one message; does not wait for the database.
     *
     * @throws org.pipecatmanager.ports.out.StoreException it cannot be kept
     */
    void said(SpokenMessage message);

    /**
     * Takes one turn; does not wait for the database.
     *
     * @throws org.pipecatmanager.ports.out.StoreException it cannot be kept
     */
    void turn(Turn turn);

    /**
     * Takes what a call was like; does not wait for the database.
     *
     * @throws org.pipecatmanager.ports.out.StoreException it cannot be kept
     */
    void report(CallReport report);

    /** Waits, at most {@code patience}, until all taken so far is in the database. */
    void awaitWritten(Duration patience);
}
