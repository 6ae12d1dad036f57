package org.pipecatmanager.ports.in;

import org.pipecatmanager.ports.model.AudioLevels;
import org.pipecatmanager.ports.model.PipecatcallId;

/** How loud live calls are, for those who watch one. A call nobody watches is not measured. */
public interface LevelFeed {
    /**
     * Measures a call from now on.
     *
     * @throws org.pipecatmanager.ports.out.RequestException no such call is live here, or it has no sound (404)
     */
    Watch watch(PipecatcallId id);

    /** One who watches. For one thread, except {@link #close()}. */
    interface Watch extends AutoCloseable {
        /** Whether the call is still live and this not closed. */
        boolean isOpen();

        /** The levels since the last look, or since the watch began; never blocks. */
        AudioLevels look();

        /** Ends it; idempotent. */
        @Override
        void close();
    }
}
