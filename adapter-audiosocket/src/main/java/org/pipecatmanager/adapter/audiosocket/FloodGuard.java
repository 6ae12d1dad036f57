package org.pipecatmanager.adapter.audiosocket;

/**
 * Bounds what one connection may make us read.
 *
 * <p>A bucket that holds {@value #BURST_BYTES} bytes and fills at {@value #BYTES_PER_SECOND} a second. The fastest kind, 192
 * kHz, is 384 kB/s; the burst is what Asterisk's socket holds (4 MiB) after we failed to read for minutes.
 */
final class FloodGuard {
    static final long BYTES_PER_SECOND = 1_000_000;
    static final long BURST_BYTES = 4 << 20;

    private long available = BURST_BYTES;
    private long filledNanos;

    FloodGuard(long nowNanos) {
        filledNanos = nowNanos;
    }

    /** Takes {@code bytes} out; false when they are more than may come. */
    boolean allows(int bytes, long nowNanos) {
        long grownMicros = (nowNanos - filledNanos) / 1000;
        filledNanos += grownMicros * 1000;
        available = Math.min(BURST_BYTES, available + grownMicros * BYTES_PER_SECOND / 1_000_000);
        available -= bytes;
        return available >= 0;
    }
}
