package org.pipecatmanager.daemon.tape;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;

/** The tapes of the calls that run. Safe for all threads; none waits. */
interface Tapes extends AutoCloseable {
    /** The tape of a call, begun now if it has none. */
    Tape begun(PipecatcallId id);

    /** The tape of a call; null when it is over, or never began. */
    @Nullable
    Tape find(PipecatcallId id);

    @Override
    void close();
}
