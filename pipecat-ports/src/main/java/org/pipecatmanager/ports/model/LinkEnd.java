package org.pipecatmanager.ports.model;

/**
 * How a runner's socket ended.
 *
 * @param code WebSocket close code; 1006 when there was none (reset, time-out)
 * @param cause which side and why
 */
public record LinkEnd(int code, Cause cause) {
    /** Who ended it. The name, in lower case, is a metric label: add, never rename. */
    public enum Cause {
        /** The runner closed with 1000 or 1001. */
        CLOSED_BY_RUNNER,
        /** The runner closed with an error code. */
        FAILED_BY_RUNNER,
        /** No close arrived: reset, half-open connection, missed pings. */
        BROKEN,
        /** It sent what is not a pipecat frame, or more than the limit. */
        PROTOCOL_ERROR,
        /** It does not take what we send: control messages could not be kept. */
        STALLED,
        /** We closed it. */
        CLOSED_BY_US
    }
}
