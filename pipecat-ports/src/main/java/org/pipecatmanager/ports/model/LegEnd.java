package org.pipecatmanager.ports.model;

import java.util.Locale;

/** How the caller's connection ended. The name, in lower case, is a metric label: add, never rename. */
public enum LegEnd {
    /** The far end closed or reset the connection, or sent a hangup: the caller is gone. */
    HUNG_UP,
    /** We ended it, in order. */
    CLOSED_BY_US,
    /** The far end sent an error message. */
    ERROR_FROM_PEER,
    /** What arrived is not AudioSocket. */
    PROTOCOL_ERROR,
    /** The far end does not take what we write. */
    STALLED,
    /** The server is stopping. */
    SERVER_STOPPED;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
