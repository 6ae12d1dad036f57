package org.pipecatmanager.adapter.audiosocket;

import java.util.Locale;
import org.pipecatmanager.ports.in.LegGate.Refusal;
import org.pipecatmanager.ports.model.LegEnd;

/** Why a connection was closed. The name, in lower case, is a metric label: add, never rename. */
enum CloseReason {
    /** It was a leg and the far end closed, reset or hung up. */
    HUNG_UP,
    /** It was a leg and we ended it. */
    CLOSED_BY_US,
    /** It was a leg and sent an error message. */
    ERROR_FROM_PEER,
    /** It was a leg and sent what is not AudioSocket. */
    PROTOCOL_ERROR,
    /** It was a leg and did not take what we wrote. */
    STALLED,
    /** The server stopped. */
    SERVER_STOPPED,
    /** Something of ours threw. */
    INTERNAL_ERROR,
    /** It sent far more than real time. */
    FLOOD,
    /** It went away without an id, as the connection for an unanswered channel does. */
    NO_ID,
    /** No id came in time. */
    HANDSHAKE_TIMEOUT,
    /** The first message was not an id. */
    NOT_AUDIOSOCKET,
    /** It came from an address that is not allowed. */
    ADDRESS_NOT_ALLOWED,
    /** As many connections as may be were open. */
    TOO_MANY_CONNECTIONS,
    /** Its id is not known. */
    UNKNOWN_ID,
    /** Its id has, or had, a leg. */
    ALREADY_USED,
    /** Its call was still being prepared. */
    NOT_READY,
    /** As many sessions as may be were running. */
    FULL,
    /** The daemon is stopping. */
    STOPPING;

    private final String label = name().toLowerCase(Locale.ROOT);

    static CloseReason of(LegEnd how) {
        return switch (how) {
            case HUNG_UP -> HUNG_UP;
            case CLOSED_BY_US -> CLOSED_BY_US;
            case ERROR_FROM_PEER -> ERROR_FROM_PEER;
            case PROTOCOL_ERROR -> PROTOCOL_ERROR;
            case STALLED -> STALLED;
            case SERVER_STOPPED -> SERVER_STOPPED;
        };
    }

    static CloseReason of(Refusal refusal) {
        return switch (refusal) {
            case UNKNOWN_ID -> UNKNOWN_ID;
            case ALREADY_USED -> ALREADY_USED;
            case NOT_READY -> NOT_READY;
            case FULL -> FULL;
            case STOPPING -> STOPPING;
        };
    }

    String label() {
        return label;
    }
}
