package org.pipecatmanager.ports.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Unmodifiable copies that keep the order of their keys, and null values, which free JSON has.
 *
 * <p>{@link Map#copyOf} iterates in another order in every run of the virtual machine: the same agent would be another
 * text for the model each time.
 */
final class OrderedMaps {
    private OrderedMaps() {}

    /** A copy of one map; what its values hold is shared. */
    static <V> Map<String, V> copyOf(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** A copy of a list with a copy of each of its maps. */
    static <V> List<Map<String, V>> copyOf(List<Map<String, V>> maps) {
        return maps.stream().map(OrderedMaps::copyOf).toList();
    }
}
