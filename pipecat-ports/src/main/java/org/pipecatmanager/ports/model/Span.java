package org.pipecatmanager.ports.model;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that was done and is over, as a span of a trace. Nothing that was said, and no secret, is in it.
 *
 * @param context    of the span itself
 * @param parent     what caused it; null for the first of a trace
 * @param name       what was done: one of few, never an id
 * @param start      when it began
 * @param end        when it was over; not before it began
 * @param attributes texts, whole numbers ({@link Long}) or truth values, by name; names of OpenTelemetry's semantic conventions
 *                   where there is one
 * @param error      what kind of failure it was; empty where none
 */
public record Span(
        TraceContext context,
        @Nullable TraceContext parent,
        String name,
        Kind kind,
        Instant start,
        Instant end,
        Map<String, Object> attributes,
        String error) {
    /** Which side of an exchange between processes a span is. */
    public enum Kind {
        /** Neither. */
        INTERNAL,
        /** Somebody else asked for it; a parent is theirs. */
        SERVER,
        /** Somebody else is asked. */
        CLIENT
    }

    public Span {
        if (end.isBefore(start)) {
            throw new IllegalArgumentException("span '" + name + "' ends at " + end + ", before its start at " + start);
        }
        attributes.forEach((key, value) -> {
            if (!(value instanceof String || value instanceof Long || value instanceof Boolean)) {
                throw new IllegalArgumentException("attribute " + key + " of span '" + name + "' is a "
                        + value.getClass().getSimpleName() + "; give a String, a Long or a Boolean");
            }
        });
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }
}
