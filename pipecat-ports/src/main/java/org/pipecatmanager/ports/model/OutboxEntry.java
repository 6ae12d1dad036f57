package org.pipecatmanager.ports.model;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way to the broker.
 *
 * @param messageId one per event, the same on every attempt, so that consumers can drop what comes twice
 * @param type      wire name of the event
 * @param sequence  of the event within its call
 * @param body      the whole envelope as JSON text
 * @param lasting   whether it must arrive; others (deltas of a generation) may be dropped while the broker is away
 * @param trace     of the call; null when it is not known
 */
public record OutboxEntry(
        UUID messageId,
        PipecatcallId pipecatcallId,
        String type,
        long sequence,
        String body,
        boolean lasting,
        @Nullable TraceContext trace) {
    /** What was said stays out of logs. */
    @Override
    public String toString() {
        return "OutboxEntry[" + messageId + ", call " + pipecatcallId + ", " + type + " " + sequence + "]";
    }
}
