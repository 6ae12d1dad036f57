package org.pipecatmanager.ports.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a call.
 *
 * @param sequence 1, 2, 3… within the call, in the order in which things happened
 * @param trace    of the call, the same for all its events; null when it is not known any more
 */
public record CallEvent(
        PipecatcallId id,
        long sequence,
        EventType type,
        Instant at,
        EventPayload payload,
        @Nullable TraceContext trace) {}
