package org.pipecatmanager.ports.model;

/** Which way a runner's socket carries; named from the runner's side, as on the wire. */
public enum LinkDirection {
    /** One socket both ways. */
    BOTH,
    /** Daemon to runner: caller audio, messages, playout reports. */
    INPUT,
    /** Runner to daemon: bot audio, RTVI messages, interruptions. */
    OUTPUT;

    /** Whether the daemon may send audio and commands here. */
    public boolean carriesInput() {
        return this != OUTPUT;
    }

    /** Whether the runner speaks here. */
    public boolean carriesOutput() {
        return this != INPUT;
    }
}
