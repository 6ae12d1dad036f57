package org.pipecatmanager.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One direction of one call: when each frame was sent, when it came, and which did not.
 *
 * <p><b>Threads.</b> {@link #send} by the sender, {@link #arrived} by the receiver; the figures are read when both have
 * come to rest. A frame passes from one thread to the other through two sockets and a process, so its time of sending is
 * published with release and read with acquire.
 */
final class Track implements Call.Hearing {
    private static final VarHandle TIMES = MethodHandles.arrayElementVarHandle(long[].class);

    private final Window window;
    private final long[] sentNanos = new long[Marks.COUNT];
    private volatile long sent;
    private int nextMark;

    private final long[] arrivals;
    private int arrivalCount;
    private final Samples latency;
    private boolean split;
    private int arrivalSplit;
    private int latencySplit;
    private long firstSentNanos;
    private long firstArrivedNanos;
    /** Number of the latest frame that came, from 0; -1 before. Written by the receiver. */
    private volatile long latest = -1;

    private long lost;
    private long repeated;
    private long reordered;
    private long unknown;
    private long silent;

    /**
     * A direction.
     *
     * @param frames how many are measured, about; room for them is made now
     */
    Track(Window window, int frames) {
        this.window = window;
        int room = frames + frames / 4 + 16;
        arrivals = new long[room];
        latency = new Samples(room);
    }

    /** Sender: the mark of the frame that is sent now. */
    int send(long now) {
        if (firstSentNanos == 0) {
            firstSentNanos = now;
        }
        int mark = nextMark;
        TIMES.setRelease(sentNanos, mark, now);
        nextMark = mark + 1 == Marks.COUNT ? 0 : mark + 1;
        countSent();
        return mark;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void countSent() {
        sent++;
    }

    /** Receiver: a frame came, with this mark or none. */
    @Override
    public void arrived(int mark, long now) {
        if (mark >= 0 && firstArrivedNanos == 0) {
            firstArrivedNanos = now;
        }
        boolean measured = window.isOpen();
        if (window.isSplit() && !split) {
            split = true;
            arrivalSplit = arrivalCount;
            latencySplit = latency.size();
        }
        if (measured && arrivalCount < arrivals.length) {
            arrivals[arrivalCount++] = now;
        }
        if (mark < 0) {
            missing(mark, measured);
            return;
        }
        long last = latest;
        long known = sent;
        // The first is the latest of its mark that was sent.
        int distance = last < 0 ? 1 : Marks.distance((int) (last % Marks.COUNT), mark);
        long number = last < 0 ? known - 1 - Marks.distance(mark, (int) ((known - 1) % Marks.COUNT)) : last + distance;
        if (distance > Marks.COUNT / 2) {
            reordered += measured ? 1 : 0;
        } else if (distance == 0) {
            repeated += measured ? 1 : 0;
        } else if (number < 0 || number >= known) {
            // Nobody has sent it yet: a level that was made up, by chance that of a mark.
            missing(Marks.UNKNOWN, measured);
        } else {
            latest = number;
            if (measured) {
                lost += distance - 1;
                latency.add(now - (long) TIMES.getAcquire(sentNanos, mark));
            }
        }
    }

    private void missing(int mark, boolean measured) {
        if (!measured) {
            return;
        }
        if (mark == Marks.SILENCE) {
            silent++;
        } else {
            unknown++;
        }
    }

    /** Whether a marked frame ever came. */
    boolean hasArrived() {
        return latest >= 0;
    }

    /**
     * When sending has stopped and everything had time to come: counts what was sent last and never came as lost.
     */
    void settle() {
        lost += sent - 1 - latest;
    }

    /** From when the first frame was sent until the first that was heard came. */
    long firstAfterNanos() {
        return firstArrivedNanos - firstSentNanos;
    }

    /** How many arrivals there were when the window was split. */
    int arrivalSplit() {
        return split ? arrivalSplit : arrivalCount;
    }

    /** How many latencies there were when the window was split. */
    int latencySplit() {
        return split ? latencySplit : latency.size();
    }

    long sent() {
        return sent;
    }

    long[] arrivals() {
        return arrivals;
    }

    int arrivalCount() {
        return arrivalCount;
    }

    Samples latency() {
        return latency;
    }

    long lost() {
        return lost;
    }

    long repeated() {
        return repeated;
    }

    long reordered() {
        return reordered;
    }

    long unknown() {
        return unknown;
    }

    long silent() {
        return silent;
    }
}
