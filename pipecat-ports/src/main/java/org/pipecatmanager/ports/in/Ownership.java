package org.pipecatmanager.ports.in;

import org.pipecatmanager.ports.model.PipecatcallId;

/** Hears that a session of this daemon was closed by another one, which took this daemon for dead. Any thread, never blocks. */
public interface Ownership {
    /** Ends the session here without a word: its record and its events are the other daemon's now. Unknown ids are fine. */
    void lost(PipecatcallId id);
}
