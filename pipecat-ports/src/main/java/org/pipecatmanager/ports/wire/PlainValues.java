package org.pipecatmanager.ports.wire;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;

/** Copies free JSON values, so that nobody changes under a value what it was made of. */
final class PlainValues {
    private PlainValues() {}

    /**
     * A deep, unmodifiable copy that keeps key order and nulls and opens secrets.
     *
     * @throws IllegalArgumentException when there is something that JSON does not have
     */
    static @Nullable Object copy(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean flag -> flag;
            case Number number -> number;
            case Secret secret -> secret.reveal();
            case Map<?, ?> map -> copyOfMap(map);
            case Collection<?> list -> {
                var copy = new ArrayList<@Nullable Object>(list.size());
                for (var item : list) {
                    copy.add(copy(item));
                }
                yield Collections.unmodifiableList(copy);
            }
            default ->
                throw new IllegalArgumentException("a " + value.getClass().getName()
                        + " is not a plain value; use text, numbers, booleans, lists and maps");
        };
    }

    /** The same for an object. */
    @SuppressWarnings("NullAway") // free JSON objects may hold null, which Map<String, Object> in the values cannot say
    static Map<String, Object> copyOfMap(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, Object>();
        for (var entry : map.entrySet()) {
            copy.put(String.valueOf(entry.getKey()), copy(entry.getValue()));
        }
        return Collections.unmodifiableMap(copy);
    }
}
