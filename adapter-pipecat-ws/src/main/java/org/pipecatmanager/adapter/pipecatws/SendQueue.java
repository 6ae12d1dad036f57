package org.pipecatmanager.adapter.pipecatws;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a link still has to send, in order. Bounded: of audio the oldest is dropped, control that does not fit is
 * refused.
 * Safe for all threads; no method waits for more than a few queue operations of another.
 */
final class SendQueue {
    /** A message and whether it may be dropped; not a record because it is an identity with an array. */
    private static final class Entry {
        private final byte[] message;
        private final boolean audio;

        Entry(byte[] message, boolean audio) {
            this.message = message;
            this.audio = audio;
        }
    }

    private final int audioCapacity;
    private final int controlCapacity;
    /** Serialises every change; held for moments, never while something blocks. */
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    @GuardedBy("lock")
    private int audioEntries;

    @GuardedBy("lock")
    private boolean closed;

    /** Published for {@link #isEmpty}; written under the lock. */
    private volatile boolean empty = true;

    /** Makes an empty queue with room for so many messages of each kind, both positive. */
    SendQueue(int audioCapacity, int controlCapacity) {
        this.audioCapacity = audioCapacity;
        this.controlCapacity = controlCapacity;
    }

    /** Adds audio; returns whether older audio was dropped for it. Without effect after {@link #close}. */
    boolean offerAudio(byte[] message) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            boolean full = audioEntries == audioCapacity;
            if (full) {
                dropOldestAudio();
            }
            entries.add(new Entry(message, true));
            empty = false;
            audioEntries++;
            return full;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void dropOldestAudio() {
        for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
            if (each.next().audio) {
                each.remove();
                audioEntries--;
                return;
            }
        }
    }

    /**
     * Adds a command or report; returns false when there is no room. Without effect, and true, after {@link #close}.
     */
    boolean offerControl(byte[] message) {
        lock.lock();
        try {
            if (closed) {
                return true;
            }
            if (entries.size() - audioEntries == controlCapacity) {
                return false;
            }
            entries.add(new Entry(message, false));
            empty = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next message, or null. */
    byte @Nullable [] poll() {
        lock.lock();
        try {
            Entry next = entries.poll();
            empty = entries.isEmpty();
            if (next == null) {
                return null;
            }
            if (next.audio) {
                audioEntries--;
            }
            return next.message;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing waits; without a lock. */
    boolean isEmpty() {
        return empty;
    }

    /** Takes nothing more; what is in it may still be polled. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Throws away what is in it, and takes nothing more. */
    void discard() {
        lock.lock();
        try {
            closed = true;
            entries.clear();
            empty = true;
            audioEntries = 0;
        } finally {
            lock.unlock();
        }
    }
}
