package org.pipecatmanager.ports.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.RequestException;

/** Reads one plain map; every complaint names the key by its path. */
final class MapReader {
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    /** What a complaint shows of a value at most. */
    private static final int SHOWN_CHARS = 48;

    private final Map<String, ?> map;
    private final String path;

    MapReader(Map<String, ?> map) {
        this(map, "");
    }

    private MapReader(Map<String, ?> map, String path) {
        this.map = map;
        this.path = path;
    }

    /** Text, empty when there is none. */
    String text(String key) {
        return switch (map.get(key)) {
            case null -> "";
            case String text -> text;
            case Object other -> throw wrongType(key, other, "text");
        };
    }

    /** Text that must be there. */
    String requiredText(String key) {
        var text = text(key);
        if (text.isEmpty()) {
            throw invalid(key, "is missing; give it");
        }
        return text;
    }

    /** A UUID, zero when there is none; upper case is taken too. */
    UUID uuid(String key) {
        var text = text(key);
        if (text.isEmpty()) {
            return Ids.ZERO;
        }
        if (!UUID_TEXT.matcher(text).matches()) {
            throw invalid(key, "is '" + shown(text) + "'; use a UUID such as 0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");
        }
        return UUID.fromString(text);
    }

    /** The id of a call, which must be there and not zero. */
    PipecatcallId callId(String key) {
        var id = uuid(key);
        if (id.equals(Ids.ZERO)) {
            throw invalid(key, "is missing or zero; give the call's UUID");
        }
        return new PipecatcallId(id);
    }

    /** A flag, false when there is none. */
    boolean flag(String key) {
        return switch (map.get(key)) {
            case null -> false;
            case Boolean flag -> flag;
            case Object other -> throw wrongType(key, other, "true or false");
        };
    }

    /** A whole number, 0 when there is none. */
    int wholeNumber(String key) {
        return switch (map.get(key)) {
            case null -> 0;
            case Integer number -> number;
            case Object other -> throw wrongType(key, other, "a whole number");
        };
    }

    /** A moment, null when there is none; any RFC 3339 offset. */
    @Nullable
    Instant time(String key) {
        var text = text(key);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw invalid(key, "is '" + shown(text) + "'; use RFC 3339 such as 2026-01-02T03:04:05.000006Z");
        }
    }

    /**
     * A constant by its wire name.
     *
     * @param parse throws {@link IllegalArgumentException} with a message that names the value and its alternatives
     */
    <E> E named(String key, Function<String, E> parse) {
        return parsed(text(key), parse);
    }

    /** The same, null when there is none. */
    <E> @Nullable E namedOrNull(String key, Function<String, E> parse) {
        var text = text(key);
        return text.isEmpty() ? null : parsed(text, parse);
    }

    /** An object within, empty when there is none. */
    MapReader object(String key) {
        return new MapReader(freeObject(key), path + key + ".");
    }

    /** A free object, empty when there is none. */
    Map<String, Object> freeObject(String key) {
        return switch (map.get(key)) {
            case null -> Map.of();
            case Map<?, ?> object -> PlainValues.copyOfMap(object);
            case Object other -> throw wrongType(key, other, "an object");
        };
    }

    /** Free objects, none when there is no list. */
    List<Map<String, Object>> objects(String key) {
        var objects = new ArrayList<Map<String, Object>>();
        switch (map.get(key)) {
            case null -> {}
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    var item = list.get(i);
                    if (!(item instanceof Map<?, ?> object)) {
                        throw wrongType(key + "[" + i + "]", item, "an object");
                    }
                    objects.add(PlainValues.copyOfMap(object));
                }
            }
            case Object other -> throw wrongType(key, other, "a list of objects");
        }
        return objects;
    }

    /** The same, each with its place in the path. */
    List<MapReader> each(String key) {
        var objects = objects(key);
        var readers = new ArrayList<MapReader>(objects.size());
        for (int i = 0; i < objects.size(); i++) {
            readers.add(new MapReader(objects.get(i), path + key + "[" + i + "]."));
        }
        return readers;
    }

    /** Texts, none when there is no list. */
    List<String> texts(String key) {
        var texts = new ArrayList<String>();
        switch (map.get(key)) {
            case null -> {}
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    var item = list.get(i);
                    if (!(item instanceof String text)) {
                        throw wrongType(key + "[" + i + "]", item, "text");
                    }
                    texts.add(text);
                }
            }
            case Object other -> throw wrongType(key, other, "a list of texts");
        }
        return texts;
    }

    /** A complaint about a key, to be thrown. */
    RequestException invalid(String key, String complaint) {
        return RequestException.invalid("INVALID_FIELD", path + key + " " + complaint);
    }

    /** Values may be what people said, so only their type is told. */
    private RequestException wrongType(String key, @Nullable Object value, String wanted) {
        var type = switch (value) {
            case null -> "null";
            case String text -> "text";
            case Number number -> "a number";
            case Boolean flag -> "a boolean";
            case List<?> list -> "a list";
            default -> "an object";
        };
        return invalid(key, "is " + type + "; use " + wanted);
    }

    private static <E> E parsed(String text, Function<String, E> parse) {
        try {
            return parse.apply(shown(text));
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid("INVALID_FIELD", String.valueOf(e.getMessage()));
        }
    }

    /** The beginning of a value, for a complaint. */
    static String shown(String text) {
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
    }
}
