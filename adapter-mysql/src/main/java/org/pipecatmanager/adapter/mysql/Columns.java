package org.pipecatmanager.adapter.mysql;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.TraceContext;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as columns hold them: a UUID is its 16 bytes in textual order, a moment is a {@code datetime(6)} in UTC whatever
 * the time zones of session, server and virtual machine, free JSON is text.
 */
final class Columns {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() {};

    private Columns() {}

    static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    /** The zero UUID where there is none. */
    static UUID uuid(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length != 16) {
            return Ids.ZERO;
        }
        var buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /** Whole microseconds; the rest is cut off. */
    static @Nullable LocalDateTime time(@Nullable Instant moment) {
        return moment == null ? null : LocalDateTime.ofInstant(moment.truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC);
    }

    static @Nullable Instant moment(@Nullable LocalDateTime time) {
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    static @Nullable String traceparent(@Nullable TraceContext trace) {
        return trace == null ? null : trace.traceparent();
    }

    /** Null where there is none, or something else. */
    static @Nullable TraceContext trace(@Nullable String column) {
        return column == null ? null : TraceContext.parse(column).orElse(null);
    }

    /** Text, empty where there is none. */
    static String text(@Nullable String column) {
        return column == null ? "" : column;
    }

    /** JSON text of plain values. */
    static String json(Object value) {
        return JSON.writeValueAsString(value);
    }

    /** The objects of a JSON list; none where the column is NULL or holds something else. */
    static List<Map<String, Object>> objects(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return List.of();
        }
        try {
            var objects = JSON.readValue(json, OBJECTS);
            return objects == null ? List.of() : objects;
        } catch (JacksonException e) {
            return List.of();
        }
    }

    /** A JSON object; empty where the column is NULL or holds something else. */
    static Map<String, Object> object(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return Map.of();
        }
        try {
            var object = JSON.readValue(json, OBJECT);
            return object == null ? Map.of() : object;
        } catch (JacksonException e) {
            return Map.of();
        }
    }

    /** A constant as a column holds it. */
    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
