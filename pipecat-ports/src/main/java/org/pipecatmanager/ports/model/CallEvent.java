package org.pipecatmanager.ports.model;

import java.time.Instant;

/**
 * Something that happened in a call.
 *
 * @param sequence 1, 2, 3… within the call, in the order in which things happened
 */
public record CallEvent(PipecatcallId id, long sequence, EventType type, Instant at, EventPayload payload) {}
