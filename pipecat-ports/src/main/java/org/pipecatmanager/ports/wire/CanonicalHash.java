package org.pipecatmanager.ports.wire;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A fingerprint of a plain map that does not depend on key order or on how a number was written. */
public final class CanonicalHash {
    private CanonicalHash() {}

    /**
     * SHA-256 of the map's canonical text, 64 lower-case hexadecimal digits. Stored: the text must never change.
     *
     * @throws IllegalArgumentException when the map holds something that JSON does not have
     */
    public static String of(Map<String, ?> map) {
        var text = new StringBuilder();
        append(text, map);
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    private static void append(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case String text -> appendText(out, text);
            case Boolean flag -> out.append(flag);
            case Number number -> out.append(canonical(number));
            case Map<?, ?> map -> appendMap(out, map);
            case Collection<?> list -> {
                out.append('[');
                for (var item : list) {
                    append(out, item);
                    out.append(',');
                }
                out.append(']');
            }
            default ->
                throw new IllegalArgumentException("a " + value.getClass().getName()
                        + " is not a plain value; use text, numbers, booleans, lists and maps");
        }
    }

    private static void appendMap(StringBuilder out, Map<?, ?> map) {
        var sorted = new TreeMap<String, @Nullable Object>();
        map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
        out.append('{');
        sorted.forEach((key, value) -> {
            appendText(out, key);
            out.append(':');
            append(out, value);
            out.append(',');
        });
        out.append('}');
    }

    /** Quotes and backslashes are escaped, which is enough to keep two values from looking like one. */
    private static void appendText(StringBuilder out, String text) {
        out.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }

    /** 1, 1.0 and 1e0 are one number; the exponent form keeps 1e999999 short. */
    private static String canonical(Number number) {
        var decimal = new BigDecimal(number.toString()).stripTrailingZeros();
        return decimal.unscaledValue() + "e" + -(long) decimal.scale();
    }
}
