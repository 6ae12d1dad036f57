package org.pipecatmanager.ports.wire;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.SessionRef;

/** Builds one plain map, key by key in the order of the wire. */
final class MapWriter {
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final Map<String, @Nullable Object> map = new LinkedHashMap<>();

    /** Printed whatever it is. */
    MapWriter always(String key, @Nullable Object value) {
        map.put(key, value);
        return this;
    }

    /** Left out when there is none. */
    MapWriter given(String key, @Nullable Object value) {
        return value == null ? this : always(key, value);
    }

    /** Printed, the zero UUID too. */
    MapWriter uuid(String key, UUID value) {
        return always(key, value.toString());
    }

    /** Left out when empty. */
    MapWriter text(String key, String value) {
        return value.isEmpty() ? this : always(key, value);
    }

    /** Left out when empty. */
    MapWriter list(String key, Collection<?> value) {
        return value.isEmpty() ? this : always(key, PlainValues.copy(value));
    }

    /** Left out when empty. */
    MapWriter object(String key, Map<String, ?> value) {
        return value.isEmpty() ? this : always(key, PlainValues.copy(value));
    }

    /** Printed, as null where there is none. */
    MapWriter time(String key, @Nullable Instant value) {
        return always(key, value == null ? null : timestamp(value));
    }

    /** The keys that identify the call of an event. */
    MapWriter ref(SessionRef ref) {
        return uuid("pipecatcall_id", ref.pipecatcallId().value())
                .text("pipecatcall_reference_type", ref.referenceType().wireName())
                .uuid("pipecatcall_reference_id", ref.referenceId())
                .uuid("activeflow_id", ref.activeflowId());
    }

    Map<String, @Nullable Object> map() {
        return map;
    }

    /** RFC 3339, cut to microseconds, as the tables keep it. */
    static String timestamp(Instant value) {
        return MICROSECONDS.format(value);
    }
}
