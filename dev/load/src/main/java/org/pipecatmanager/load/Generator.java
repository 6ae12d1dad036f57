package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes all traffic of a step with two threads: the sender keeps the time, the receiver notes what comes.
 *
 * <p><b>Time.</b> Every caller and every runner has a moment of its own in each 20 ms, spread evenly over them and counted from
 * the start: what is late once does not make the next one late. {@link #lateness} tells how late the sender was.
 *
 * <p>Neither thread allocates per frame.
 */
final class Generator implements AutoCloseable {
    private static final long SHORTEST_PARK_NANOS = 20_000;

    private final Window window;
    private final int together;
    private final AtomicReferenceArray<@Nullable End> callers;
    private final AtomicReferenceArray<@Nullable End> runners;
    private final Selector selector;
    private final Queue<End> arrived = new ConcurrentLinkedQueue<>();
    private final Consumer<SelectionKey> whenReady = this::ready;
    private final Samples lateness;
    private final Thread sender;
    private final Thread receiver;
    private volatile boolean silent;
    private volatile boolean over;

    /**
     * Starts the threads.
     *
     * @param slots  calls at once
     * @param frames how many frames of a call are measured, about
     */
    Generator(int slots, Window window, int frames) throws IOException {
        this(slots, window, frames, 1);
    }

    /**
     * Starts the threads.
     *
     * @param together how many moments the sender spends in one: where no frame is timed, fewer wake-ups leave more to the others
     */
    Generator(int slots, Window window, int frames, int together) throws IOException {
        this.window = window;
        this.together = together;
        callers = new AtomicReferenceArray<>(slots);
        runners = new AtomicReferenceArray<>(slots);
        lateness = new Samples(2 * slots * (frames + frames / 4 + 16));
        selector = Selector.open();
        sender = Thread.ofPlatform().name("sender").start(this::send);
        receiver = Thread.ofPlatform().name("receiver").start(this::receive);
    }

    /** Any thread: this caller speaks and is heard from now on. */
    void caller(Call call, End end) {
        call.caller(end);
        callers.set(call.slot(), end);
        hear(end);
    }

    /** Any thread: this runner speaks and is heard from now on. */
    void runner(Call call, End end) {
        call.runner(end);
        hear(end);
        runners.set(call.slot(), end);
    }

    private void hear(End end) {
        arrived.add(end);
        selector.wakeup();
    }

    /** Nothing more is sent or heard. */
    void finish() throws IOException {
        close();
    }

    /** Nothing more is sent. */
    void fallSilent() {
        silent = true;
    }

    /** Time from when a frame was due to when it was sent, while it was measured; read after {@link #finish}. */
    Samples lateness() {
        return lateness;
    }

    private void send() {
        int slots = callers.length();
        long start = System.nanoTime();
        for (long cycle = 0; !over; cycle++) {
            for (int event = 0; event < 2 * slots && !over; event++) {
                int moment = event - event % together;
                long due = start + cycle * Grid.FRAME_NANOS + moment * Grid.FRAME_NANOS / (2L * slots);
                // A caller and its runner half a frame apart.
                int slot = (event / 2 + (event & 1) * (slots / 2)) % slots;
                End end = (event & 1) == 0 ? callers.get(slot) : runners.get(slot);
                long now = await(due);
                if (end != null && !silent && !end.isClosed()) {
                    speak(end, now);
                    if (window.isOpen()) {
                        lateness.add(now - due);
                    }
                }
            }
        }
    }

    private static void speak(End end, long now) {
        try {
            end.send(now);
        } catch (IOException e) {
            end.fail(e);
        }
    }

    private static long await(long due) {
        long now = System.nanoTime();
        while (due - now > 0) {
            LockSupport.parkNanos(Math.max(SHORTEST_PARK_NANOS, due - now));
            now = System.nanoTime();
        }
        return now;
    }

    private void receive() {
        try {
            while (!over) {
                selector.select(whenReady);
                for (End end = arrived.poll(); end != null; end = arrived.poll()) {
                    register(end);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the receiver's selector failed", e);
        }
    }

    private void register(End end) {
        try {
            end.channel().register(selector, SelectionKey.OP_READ, end);
            end.begin();
        } catch (IOException e) {
            end.fail(e);
        }
    }

    private void ready(SelectionKey key) {
        End end = (End) key.attachment();
        try {
            end.ready();
        } catch (IOException e) {
            end.fail(e);
        }
    }

    /** Ends both threads and waits for it; the ends of the calls stay as they are. No effect the second time. */
    @Override
    public void close() throws IOException {
        over = true;
        if (selector.isOpen()) {
            selector.wakeup();
            join(sender);
            join(receiver);
            selector.close();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
