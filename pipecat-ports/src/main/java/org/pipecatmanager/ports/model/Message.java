package org.pipecatmanager.ports.model;

import java.util.UUID;

/**
 * Something said, by either side.
 *
 * @param inReplyTo the {@code message_id} this answers, or the zero UUID
 * @param sequence  1, 2, 3… for intermediate texts of one generation, 0 otherwise
 */
public record Message(UUID id, SessionRef ref, UUID inReplyTo, String text, int sequence) implements EventPayload {
    /** The text stays out of logs. */
    @Override
    public String toString() {
        return "Message[" + id + ", call " + ref.pipecatcallId() + ", sequence " + sequence + "]";
    }
}
