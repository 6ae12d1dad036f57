package org.pipecatmanager.ports.model;

/**
 * Text put into a running conversation.
 *
 * @param messageId      the sender's id for it, deduplicated per session; empty for none
 * @param text           what the user is taken to have said
 * @param runImmediately whether the model answers at once, interrupting the bot
 * @param audioResponse  whether the answer is spoken
 */
public record MessageCommand(
        PipecatcallId pipecatcallId, String messageId, String text, boolean runImmediately, boolean audioResponse) {
    /** The text stays out of logs. */
    @Override
    public String toString() {
        return "MessageCommand[" + pipecatcallId + ", " + messageId + "]";
    }
}
