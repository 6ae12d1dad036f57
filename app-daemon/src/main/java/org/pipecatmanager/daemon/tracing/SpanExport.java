package org.pipecatmanager.daemon.tracing;

import org.pipecatmanager.ports.out.Spans;

/** Spans on their way to a collector, counted. */
public interface SpanExport extends Spans, AutoCloseable {
    /** Nowhere. */
    SpanExport NONE = new SpanExport() {};

    /** Spans that a collector has taken. */
    default long sent() {
        return 0;
    }

    /** Spans that none took. */
    default long lost() {
        return 0;
    }

    /** Sends what waits. */
    @Override
    default void close() {}
}
