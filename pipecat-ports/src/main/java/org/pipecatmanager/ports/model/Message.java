package org.pipecatmanager.ports.model;

import java.util.UUID;

/**
 * Something said, by either side.
 *
 * @param inReplyTo the {@code message_id} this answers, or the zero UUID
 * @param sequence  1, 2, 3… for intermediate texts of one generation, 0 otherwise
 * @param estimated whether how far it was heard is an estimate
 */
public record Message(UUID id, SessionRef ref, UUID inReplyTo, String text, int sequence, boolean estimated)
        implements EventPayload {
    /** A message of which nothing is estimated. */
    public Message(UUID id, SessionRef ref, UUID inReplyTo, String text, int sequence) {
        this(id, ref, inReplyTo, text, sequence, false);
    }

    /** The text stays out of logs. */
    @Override
    public String toString() {
        return "Message[" + id + ", call " + ref.pipecatcallId() + ", sequence " + sequence + "]";
    }
}
