package org.pipecatmanager.ports.wire;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a plain map as one line of JSON-like text in the map's own order, with single quotes, to compare by eye. */
final class Json {
    private Json() {}

    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String text -> "'" + text + "'";
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> "'" + entry.getKey() + "':" + text(entry.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            case List<?> list -> list.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> throw new AssertionError("not a plain value: " + value.getClass());
        };
    }

    /** Joins the lines of a text block, without their indentation. */
    static String line(String block) {
        return block.lines().map(String::strip).collect(Collectors.joining());
    }
}
