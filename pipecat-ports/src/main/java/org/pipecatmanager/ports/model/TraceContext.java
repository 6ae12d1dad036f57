package org.pipecatmanager.ports.model;

import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.out.IdSource;

/**
 * The trace that a call belongs to, and the span in it that caused what carries this: a {@code traceparent} of W3C Trace
 * Context, level 1 (the Recommendation of 23 November 2021), version 00.
 *
 * @param traceparent {@code 00-<trace id>-<parent id>-<flags>}: 32, 16 and 2 lower-case hexadecimal digits, no id all zero
 */
public record TraceContext(String traceparent) {
    /** The header that carries one over AMQP and HTTP, and the key in the body of {@code POST /run}. */
    public static final String HEADER = "traceparent";

    /** Later versions may go on behind a dash; ff is none. Ids of zeros alone are none either. */
    private static final Pattern SHAPE =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private static final String VERSION = "00";
    private static final int LENGTH = 55;
    /** What is longer is not looked at: a later version has no reason to be. */
    private static final int MAX_CHARS = 512;
    /** The only flag of level 1: whoever sent this may have recorded its span. The others are sent as zero. */
    private static final int SAMPLED = 0x01;

    private static final HexFormat HEX = HexFormat.of();

    public TraceContext {
        if (traceparent.length() != LENGTH
                || !traceparent.startsWith(VERSION)
                || !SHAPE.matcher(traceparent).matches()) {
            throw new IllegalArgumentException("a text of " + traceparent.length()
                    + " characters is no traceparent of version 00; it has the form 00-<32 hex>-<16 hex>-<2 hex>");
        }
    }

    /**
     * What a header says. One that is malformed is as good as none, as the standard has it; of a later version counts what
     * version 00 knows.
     */
    public static Optional<TraceContext> parse(String header) {
        if (header.length() > MAX_CHARS) {
            return Optional.empty();
        }
        Matcher parts = SHAPE.matcher(header);
        if (!parts.matches()) {
            return Optional.empty();
        }
        if (!parts.group(1).equals(VERSION)) {
            return Optional.of(of(parts.group(2), parts.group(3), sampled(parts.group(4))));
        }
        return header.length() == LENGTH ? Optional.of(new TraceContext(header)) : Optional.empty();
    }

    /** A trace of its own for what came without one. It is sampled: a service that records no spans must not keep others from it. */
    public static TraceContext random(IdSource ids) {
        UUID trace = ids.nextId();
        return of(
                HEX.toHexDigits(trace.getMostSignificantBits()) + HEX.toHexDigits(trace.getLeastSignificantBits()),
                spanId(ids),
                SAMPLED);
    }

    /** The same trace, for what a new operation causes. */
    public TraceContext newSpan(IdSource ids) {
        return of(traceId(), spanId(ids), sampled(traceparent.substring(LENGTH - 2)));
    }

    /** 32 hexadecimal digits, the same throughout a trace. */
    public String traceId() {
        return traceparent.substring(3, 35);
    }

    /** 16 hexadecimal digits: the span. */
    public String spanId() {
        return traceparent.substring(36, 52);
    }

    /** Whether whoever sent this may have recorded its span. */
    public boolean isSampled() {
        return sampled(traceparent.substring(LENGTH - 2)) == SAMPLED;
    }

    /** The same span, of which nobody records anything. */
    public TraceContext unsampled() {
        return of(traceId(), spanId(), 0);
    }

    @Override
    public String toString() {
        return traceparent;
    }

    /** The half of a version 4 UUID with its variant bits, so never zero. */
    private static String spanId(IdSource ids) {
        return HEX.toHexDigits(ids.nextId().getLeastSignificantBits());
    }

    private static int sampled(String flags) {
        return HexFormat.fromHexDigits(flags) & SAMPLED;
    }

    private static TraceContext of(String traceId, String parentId, int flags) {
        return new TraceContext(VERSION + "-" + traceId + "-" + parentId + "-" + HEX.toHexDigits((byte) flags));
    }
}
