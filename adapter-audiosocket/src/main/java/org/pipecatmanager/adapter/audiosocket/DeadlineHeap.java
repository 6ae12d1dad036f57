package org.pipecatmanager.adapter.audiosocket;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be called next, by monotonic nanoseconds: a binary heap whose entries know their own place, so that moving one
 * costs O(log n) and allocates nothing. Belongs to one loop thread.
 */
final class DeadlineHeap {
    /** One who waits for a moment; in one heap at most. */
    abstract static class Waiting {
        private static final int ABSENT = -1;

        private long deadlineNanos;
        private int place = ABSENT;

        /** Its moment has come; it schedules itself anew if it wants another. */
        abstract void due(long nowNanos);
    }

    private @Nullable Waiting[] heap = new Waiting[64];
    private int size;

    /** Puts {@code waiting} in, or moves it. */
    void schedule(Waiting waiting, long deadlineNanos) {
        waiting.deadlineNanos = deadlineNanos;
        if (waiting.place == Waiting.ABSENT) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            put(waiting, size++);
        }
        settle(waiting);
    }

    /** Takes {@code waiting} out; does nothing when it is not in. */
    void remove(Waiting waiting) {
        int place = waiting.place;
        if (place == Waiting.ABSENT) {
            return;
        }
        waiting.place = Waiting.ABSENT;
        size--;
        Waiting last = at(size);
        heap[size] = null;
        if (place != size) {
            put(last, place);
            settle(last);
        }
    }

    /** Takes out the one whose moment has come longest ago, or answers null when there is none. */
    @Nullable
    Waiting pollDue(long nowNanos) {
        if (size == 0 || at(0).deadlineNanos - nowNanos > 0) {
            return null;
        }
        Waiting first = at(0);
        remove(first);
        return first;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Nanoseconds to the first moment, negative when it is past. Not for an empty heap. */
    long nanosToFirst(long nowNanos) {
        return at(0).deadlineNanos - nowNanos;
    }

    private void settle(Waiting waiting) {
        int place = waiting.place;
        while (place > 0 && before(waiting, at((place - 1) / 2))) {
            put(at((place - 1) / 2), place);
            place = (place - 1) / 2;
        }
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && before(at(child + 1), at(child))) {
                child++;
            }
            if (!before(at(child), waiting)) {
                break;
            }
            put(at(child), place);
            place = child;
        }
        put(waiting, place);
    }

    private static boolean before(Waiting one, Waiting other) {
        return one.deadlineNanos - other.deadlineNanos < 0;
    }

    private void put(Waiting waiting, int place) {
        heap[place] = waiting;
        waiting.place = place;
    }

    private Waiting at(int place) {
        Waiting waiting = heap[place];
        if (waiting == null) {
            throw new IllegalStateException("place " + place + " of the heap of " + size + " is empty");
        }
        return waiting;
    }
}
