package org.pipecatmanager.daemon.tape;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a tape.
 *
 * @param nanos since the tape began, by the monotonic clock
 * @param data  what its kind says of it, of values that JSON has
 * @param pcm   16-bit little-endian samples, empty where it has none; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record Entry(long nanos, Kind kind, Map<String, Object> data, byte[] pcm) {
    private static final byte[] SILENT = {};
    /** What an entry takes in memory besides its sound and what it says: an estimate that bounds a queue. */
    private static final int OVERHEAD_BYTES = 200;

    /** One without sound. */
    public Entry(long nanos, Kind kind, Map<String, Object> data) {
        this(nanos, kind, data, SILENT);
    }

    /** A text of its data; empty where there is none. */
    public String text(String key) {
        return data.get(key) instanceof String text ? text : "";
    }

    /** A number of its data; 0 where there is none. */
    public long number(String key) {
        return data.get(key) instanceof Number number ? number.longValue() : 0;
    }

    /** A condition of its data; false where there is none. */
    public boolean isTrue(String key) {
        return Boolean.TRUE.equals(data.get(key));
    }

    /** An object of its data; empty where there is none. */
    @SuppressWarnings("unchecked") // an object of JSON has texts as keys
    public Map<String, Object> object(String key) {
        return data.get(key) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    int weight() {
        return OVERHEAD_BYTES + pcm.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry that
                && nanos == that.nanos
                && kind == that.kind
                && data.equals(that.data)
                && Arrays.equals(pcm, that.pcm);
    }

    @Override
    public int hashCode() {
        return Objects.hash(nanos, kind, data, Arrays.hashCode(pcm));
    }

    /** What was said stays out of logs. */
    @Override
    public String toString() {
        return "Entry[" + nanos + ", " + kind + ", " + pcm.length + " bytes]";
    }
}
