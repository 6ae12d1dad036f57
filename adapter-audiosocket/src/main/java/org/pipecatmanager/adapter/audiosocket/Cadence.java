package org.pipecatmanager.adapter.audiosocket;

/**
 * Sees ten messages of one length in a row at about 50 a second, which is what 20 ms frames look like.
 *
 * <p>The ten span nine gaps of 20 ms; 40 to 60 a second pass. A burst after a hiccup is faster, 40 ms frames are slower;
 * either starts the count anew.
 */
final class Cadence {
    private static final int MESSAGES = 10;
    private static final long SHORTEST_SPAN_NANOS = (MESSAGES - 1) * 1_000_000_000L / 60;
    private static final long LONGEST_SPAN_NANOS = (MESSAGES - 1) * 1_000_000_000L / 40;

    private final int watchedBytes;
    private int seen;
    private long firstNanos;

    Cadence(int watchedBytes) {
        this.watchedBytes = watchedBytes;
    }

    /** Takes note of a message; true when it is the last of ten. */
    boolean completedBy(int messageBytes, long nowNanos) {
        if (messageBytes != watchedBytes) {
            seen = 0;
            return false;
        }
        if (seen == 0) {
            firstNanos = nowNanos;
        }
        seen++;
        if (seen < MESSAGES) {
            return false;
        }
        seen = 0;
        long span = nowNanos - firstNanos;
        return span >= SHORTEST_SPAN_NANOS && span <= LONGEST_SPAN_NANOS;
    }
}
