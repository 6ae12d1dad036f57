package org.pipecatmanager.ports.model;

import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The one identity of a call: pipecatcall id, AudioSocket UUID, external-media id and session key at once.
 *
 * @param value never the zero UUID
 */
public record PipecatcallId(UUID value) implements Comparable<PipecatcallId> {
    private static final Pattern LOWER_CASE_UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    public PipecatcallId {
        Objects.requireNonNull(value, "value is null");
        if (value.getMostSignificantBits() == 0 && value.getLeastSignificantBits() == 0) {
            throw new IllegalArgumentException("a pipecatcall id cannot be the zero UUID; use a random one");
        }
    }

    /**
     * Reads the textual form.
     *
     * @throws IllegalArgumentException when {@code text} is not a lower-case, 36-character UUID, or is the zero UUID
     */
    public static PipecatcallId parse(String text) {
        if (!LOWER_CASE_UUID.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + abbreviated(text)
                    + "' is not a pipecatcall id; use a lower-case UUID such as 0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");
        }
        return new PipecatcallId(UUID.fromString(text));
    }

    private static String abbreviated(String text) {
        return text.length() <= 48 ? text : text.substring(0, 48) + "…";
    }

    @Override
    public int compareTo(PipecatcallId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
