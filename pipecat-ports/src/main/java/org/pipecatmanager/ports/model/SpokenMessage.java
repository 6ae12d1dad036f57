package org.pipecatmanager.ports.model;

import java.time.Instant;

/**
 * One thing said in a call, as it was heard.
 *
 * @param position    1, 2, 3… within the call, in the order in which things were said
 * @param speaker     who said it
 * @param text        for the bot what the caller really heard of it
 * @param at          when it was complete, or cut off
 * @param interrupted whether the caller cut it off
 * @param estimated   whether how far it was heard is an estimate
 */
public record SpokenMessage(
        PipecatcallId pipecatcallId,
        int position,
        Speaker speaker,
        String text,
        Instant at,
        boolean interrupted,
        boolean estimated) {
    /** A message of which is known how far it was heard. */
    public SpokenMessage(
            PipecatcallId pipecatcallId, int position, Speaker speaker, String text, Instant at, boolean interrupted) {
        this(pipecatcallId, position, speaker, text, at, interrupted, false);
    }

    /** Who speaks. Stored: add, never rename. */
    public enum Speaker {
        /** The caller, by voice. */
        USER,
        /** The bot. */
        BOT,
        /** Text put into the conversation by a message request. */
        MESSAGE
    }

    /** The text stays out of logs. */
    @Override
    public String toString() {
        return "SpokenMessage[call " + pipecatcallId + ", " + position + ", " + speaker + "]";
    }
}
