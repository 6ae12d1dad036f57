package org.pipecatmanager.domain.engine;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one session still has to hear, in order, one letter at a time; nothing runs before {@link #open}.
 *
 * <p><b>Threads.</b> Safe for all; putting in never blocks. A thread exists only while there are letters.
 *
 * <p><b>Bound.</b> {@link #offer} refuses when {@code capacity} letters wait. {@link #put} does not: it is for what happens
 * a few times in a life and must not be lost.
 */
final class Mailbox {
    private final String name;
    private final int capacity;
    private final Threads threads;
    private final ConcurrentLinkedQueue<Runnable> letters = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    /** True while a thread serves, and before {@link #open}. */
    private final AtomicBoolean served = new AtomicBoolean(true);

    /**
     * Makes a closed one.
     *
     * @param first letter that is read before all others
     */
    Mailbox(String name, int capacity, Threads threads, Runnable first) {
        this.name = name;
        this.capacity = capacity;
        this.threads = threads;
        put(first);
    }

    /** Begins to serve; once. */
    void open() {
        threads.start(name, this::serve);
    }

    boolean offer(Runnable letter) {
        if (waiting.get() >= capacity) {
            return false;
        }
        put(letter);
        return true;
    }

    void put(Runnable letter) {
        waiting.incrementAndGet();
        letters.add(letter);
        if (served.compareAndSet(false, true)) {
            threads.start(name, this::serve);
        }
    }

    private void serve() {
        do {
            for (Runnable letter = letters.poll(); letter != null; letter = letters.poll()) {
                waiting.decrementAndGet();
                letter.run();
            }
            served.set(false);
        } while (!letters.isEmpty() && served.compareAndSet(false, true));
    }
}
