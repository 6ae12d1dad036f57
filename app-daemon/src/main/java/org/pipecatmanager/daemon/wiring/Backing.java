package org.pipecatmanager.daemon.wiring;

import java.io.IOException;

/** What stands behind the calls: where they are kept, and who else asks for them. One for each mode. */
interface Backing {
    /**
     * Brings up everything the engine needs; returns when calls can be kept.
     *
     * @param undo gets what {@link Daemon#close} has to undo
     * @throws IOException something is not there; the message says what, and what to do
     */
    void open(Undo undo) throws IOException, InterruptedException;

    /** Lets the other services in, when everything else is up. */
    void serve(Undo undo) throws IOException, InterruptedException;
}
