package org.pipecatmanager.ports.model;

import java.util.Locale;

/** Why a call ended. Stored and published: add, never rename. Each constant says what an operator does next. */
public enum EndReason {
    /** Somebody asked for it by RPC, HTTP or CLI: nothing to do. */
    REQUESTED,
    /** The caller hung up: nothing to do. */
    CALLER_HUNG_UP,
    /** The bot said goodbye: nothing to do. */
    BOT_ENDED,
    /** Asterisk never connected: check the dialplan line, the address and the firewall. */
    LEG_TIMEOUT,
    /** The runner never connected back: is it running, and can it reach the advertised address? */
    RUNNER_TIMEOUT,
    /** The caller's connection broke or broke the protocol: see the leg's counted reason. */
    LEG_LOST,
    /** The runner's connection broke: see the runner's log for this call id. */
    RUNNER_LOST,
    /** The runner answered the start with an error: its text is in the error event. */
    RUNNER_REFUSED,
    /** Another manager did not answer or did not know the reference. */
    LOOKUP_FAILED,
    /** The call was handed to somebody else: nothing to do. */
    TRANSFERRED,
    /** The platform could not connect the call's media. */
    MEDIA_FAILED,
    /** Nobody spoke for the idle limit. */
    IDLE,
    /** The call reached its maximum duration. */
    MAX_DURATION,
    /** The daemon was stopped. */
    SHUTDOWN,
    /** The daemon that owned the call died. */
    HOST_LOST,
    /** The daemon is full, or a control queue of the call ran over. */
    OVERLOADED,
    /** A defect of ours: report it with the log. */
    INTERNAL;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The constant of a wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static EndReason ofWireName(String name) {
        for (EndReason reason : values()) {
            if (reason.wireName().equals(name)) {
                return reason;
            }
        }
        throw new IllegalArgumentException("end_reason '" + name + "' is unknown");
    }
}
