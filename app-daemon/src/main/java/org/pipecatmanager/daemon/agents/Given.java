package org.pipecatmanager.daemon.agents;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that are there, in the order of the schema. */
final class Given {
    private final Map<String, Object> map = new LinkedHashMap<>();

    void put(String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    /** A mapping, unless it holds nothing. */
    void putUnlessEmpty(String key, Map<String, Object> value) {
        if (!value.isEmpty()) {
            map.put(key, value);
        }
    }

    Map<String, Object> map() {
        return map;
    }
}
