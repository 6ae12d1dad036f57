package org.pipecatmanager.ports.model;

/**
 * The caller spoke while the bot was being heard.
 *
 * @param heardMillis   position in the bot's audio at which hearing stopped, milliseconds since the start of the call
 * @param droppedMillis audio that was queued and never heard
 */
public record Interruption(SessionRef ref, long heardMillis, long droppedMillis) implements EventPayload {}
