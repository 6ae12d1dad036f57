package org.pipecatmanager.domain.audio;

/**
 * Tells how close to running dry the queue came in each second of speech.
 *
 * <p>The lowest depth of a second is told when the second after it is over, too: while a reply's last audio drains,
 * the queue is low because no more is coming.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
final class LowWater {
    /** One second. */
    private static final int FRAMES = 50;

    private static final long NONE = Long.MAX_VALUE;

    private final BridgeCounters counters;
    private long before = NONE;
    private long lowest = NONE;
    private int frames;

    LowWater(BridgeCounters counters) {
        this.counters = counters;
    }

    /** A frame of speech left and this much is still queued, ticks. */
    void frame(long queuedTicks) {
        lowest = Math.min(lowest, queuedTicks);
        if (++frames == FRAMES) {
            if (before != NONE) {
                counters.queueLow(WireTime.millis(before));
            }
            before = lowest;
            lowest = NONE;
            frames = 0;
        }
    }

    /** Speech is over. */
    void forget() {
        before = NONE;
        lowest = NONE;
        frames = 0;
    }
}
