package org.pipecatmanager.load;

import java.util.concurrent.TimeUnit;

/**
 * When frames were due, found from when they came: the daemon writes every 20 ms, so the earliest of them, counted back to
 * the first, tells the moments of all.
 *
 * <p>After a pause of more than {@link #STALL_NANOS} the clock is anchored anew (docs/adr and the pacing rule of the
 * product), so the fit begins anew too; the frame that ended the pause is late by what the pause was too long.
 */
final class Grid {
    static final long FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

    private Grid() {}

    /**
     * Adds the lateness of each frame.
     *
     * @param arrivals nanoseconds, ascending
     * @return how often the clock was anchored anew
     */
    static int lateness(long[] arrivals, int count, Samples into) {
        return lateness(arrivals, 0, count, into);
    }

    /** The same for the frames from {@code begin} to before {@code count}. */
    static int lateness(long[] arrivals, int begin, int count, Samples into) {
        int anchors = 0;
        int from = begin;
        for (int i = begin + 1; i <= count; i++) {
            if (i == count || arrivals[i] - arrivals[i - 1] > STALL_NANOS) {
                piece(arrivals, from, i, into);
                if (i < count) {
                    anchors++;
                    into.add(arrivals[i] - arrivals[i - 1] - FRAME_NANOS);
                }
                from = i;
            }
        }
        return anchors;
    }

    private static void piece(long[] arrivals, int from, int to, Samples into) {
        long anchor = Long.MAX_VALUE;
        for (int i = from; i < to; i++) {
            anchor = Math.min(anchor, arrivals[i] - (i - from) * FRAME_NANOS);
        }
        for (int i = from; i < to; i++) {
            into.add(arrivals[i] - (i - from) * FRAME_NANOS - anchor);
        }
    }

    /** Adds the time between each frame and the one before it. */
    static void spacing(long[] arrivals, int begin, int end, Samples into) {
        for (int i = begin + 1; i < end; i++) {
            into.add(arrivals[i] - arrivals[i - 1]);
        }
    }
}
