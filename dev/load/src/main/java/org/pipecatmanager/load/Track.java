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
final class Track {
    private static final VarHandle TIMES = MethodHandles.arrayElementVarHandle(long[].class);

    private final Window window;
    private final long[] sentNanos = new long[Marks.COUNT];
    private volatile long sent;
    private int nextMark;

    private final long[] arrivals;
    private int arrivalCount;
    private final Samples latency;
    private int lastMark = Marks.UNKNOWN;
    private volatile long received;
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
    void arrived(int mark, long now) {
        boolean measured = window.isOpen();
        if (measured && arrivalCount < arrivals.length) {
            arrivals[arrivalCount++] = now;
        }
        if (mark < 0) {
            missing(mark, measured);
            return;
        }
        int distance = lastMark < 0 ? 1 : Marks.distance(lastMark, mark);
        if (measured) {
            count(distance);
        }
        // An old frame that comes again does not turn the count back.
        if (distance <= Marks.COUNT / 2) {
            lastMark = mark;
        }
        if (distance > 0 && distance <= Marks.COUNT / 2) {
            countReceived(distance);
            if (measured) {
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

    private void count(int distance) {
        if (distance == 0) {
            repeated++;
        } else if (distance > Marks.COUNT / 2) {
            reordered++;
        } else {
            lost += distance - 1;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void countReceived(int distance) {
        received += distance;
    }

    /** Whether a marked frame ever came. */
    boolean hasArrived() {
        return received > 0;
    }

    /**
     * When sending has stopped and everything had time to come: counts what was sent last and never came as lost.
     */
    void settle() {
        if (lastMark >= 0) {
            lost += Marks.distance(lastMark + 1, nextMark);
        } else {
            lost += sent;
        }
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
