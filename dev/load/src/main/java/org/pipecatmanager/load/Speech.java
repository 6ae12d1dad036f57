package org.pipecatmanager.load;

import java.io.IOException;

/** How a runner speaks on one link. Called every 20 ms; owned by the sender, but for {@link #granted}. */
interface Speech {
    /** Sends what is due. */
    void speak(End link, Track track, long now) throws IOException;

    /** Receiver: the daemon allows audio up to this position, milliseconds from the first. */
    default void granted(long limitMillis) {}

    /** What every link of a step gets one of. */
    interface Voice {
        /**
         * A speech from its beginning.
         *
         * @param wire  how a chunk is written there
         * @param slot  place of the call, by which calls differ
         * @param paced whether somebody plays it out in time; otherwise it is heard when it is sent
         */
        Speech on(Wire.Chunks wire, int slot, boolean paced);
    }
}
