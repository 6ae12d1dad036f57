package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.TraceContext;

/**
 * Takes the spans of calls. By default nobody wants any, and then none is made.
 *
 * <p><b>Threads.</b> Safe for all; never blocks.
 */
public interface Spans {
    /** Takes none. */
    Spans NONE = new Spans() {};

    /** Whether a trace that begins here is marked as sampled; one that began elsewhere says so itself. */
    default boolean samples(TraceContext begun) {
        return true;
    }

    /** Whether spans of this trace are wanted. */
    default boolean records(TraceContext trace) {
        return false;
    }

    /** A span is over; only of traces that are wanted. */
    default void ended(Span span) {}
}
