package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread and one selector for many sockets: reads heads, then carries links.
 *
 * <p>A connection that has to be called at moments of its own asks for them ({@link #pace}); there are few of those on a loop.
 *
 * <p>Everything of a connection happens on the loop that owns it; other threads hand work over with {@link #execute}.
 */
final class LinkLoop {
    private static final Logger LOG = LoggerFactory.getLogger(LinkLoop.class);
    /** How often deadlines are looked at: well below the shortest of them. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** From so many sockets on they come so often that it pays to look after several at a time. */
    private static final int CROWD = 50;
    /**
     * The pause between two rounds in a crowd. What a runner sends waits for the leg's next 20 ms tick anyway; at 200 calls a round
     * of this length serves ten messages with one wake-up.
     */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int SCRATCH_BYTES = 64 * 1024;

    /** One that is called at moments of its own, on the loop. */
    interface Paced {
        /** The next moment, of {@link System#nanoTime()}. */
        long dueNanos();

        /** It has come; must not throw. */
        void due(long nowNanos);
    }

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> handedOver = new ConcurrentLinkedQueue<>();
    /** On the heap, because Java-WebSocket reads the array behind a buffer. */
    private final ByteBuffer scratch = ByteBuffer.allocate(SCRATCH_BYTES);

    private final ByteBuffer scratchView = scratch.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    private final Consumer<SelectionKey> whenReady = this::serve;

    private volatile boolean running = true;
    // Touched only by the loop.
    private final List<Paced> paced = new ArrayList<>();
    private boolean stopping;

    LinkLoop(String name) throws IOException {
        selector = Selector.open();
        thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Runs {@code work} on the loop soon; any thread. */
    void execute(Runnable work) {
        handedOver.add(work);
        selector.wakeup();
    }

    /** Takes over an accepted, non-blocking socket; loop thread only. */
    SelectionKey register(SocketChannel channel) throws IOException {
        return channel.register(selector, SelectionKey.OP_READ);
    }

    /** Calls it at its moments from now on; loop thread only. */
    void pace(Paced connection) {
        paced.add(connection);
    }

    /** Calls it no more; loop thread only. */
    void unpace(Paced connection) {
        paced.remove(connection);
    }

    /** A buffer on {@code bytes}, in the order of samples, for the loop thread until the next call. */
    @SuppressWarnings("ReferenceEquality") // the loop's own array, or another
    ByteBuffer littleEndian(byte[] bytes) {
        return bytes == scratch.array() ? scratchView : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Asks every connection to finish; any thread. */
    void stopConnections() {
        execute(() -> connections().forEach(LoopConnection::stop));
    }

    /** Ends the loop when its last socket is gone, or after {@code millis}, and cuts what is left then. Blocks. */
    void close(long millis) {
        if (thread.getState() == Thread.State.NEW) {
            shutDown();
            return;
        }
        execute(() -> stopping = true);
        try {
            thread.join(millis);
            running = false;
            selector.wakeup();
            thread.join(millis);
        } catch (InterruptedException e) {
            running = false;
            selector.wakeup();
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{} did not end within {} ms", thread.getName(), 2 * millis);
        }
    }

    private void run() {
        long nextTick = System.nanoTime() + TICK_NANOS;
        try {
            while (running && !(stopping && selector.keys().isEmpty())) {
                int ready = await(nextTick);
                if (ready > 0 && selector.keys().size() >= CROWD) {
                    LockSupport.parkNanos(this, REST_NANOS);
                }
                for (Runnable work = handedOver.poll(); work != null; work = handedOver.poll()) {
                    guarded(work);
                }
                callDue();
                long now = System.nanoTime();
                if (now - nextTick >= 0) {
                    nextTick = now + TICK_NANOS;
                    List.copyOf(selector.keys()).forEach(key -> tick(key, now));
                }
            }
        } catch (IOException e) {
            LOG.error("{} lost its selector; every link on it ends", thread.getName(), e);
        } finally {
            shutDown();
        }
    }

    /** Waits for the sockets, or until the next moment of anybody. The selector knows whole milliseconds only. */
    private int await(long nextTick) throws IOException {
        if (selector.keys().isEmpty() && paced.isEmpty()) {
            return selector.select(whenReady);
        }
        long first = nextTick;
        for (int i = 0; i < paced.size(); i++) {
            long due = paced.get(i).dueNanos();
            first = due - first < 0 ? due : first;
        }
        long nanos = first - System.nanoTime();
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        if (millis > 0) {
            return selector.select(whenReady, millis);
        }
        int ready = selector.selectNow(whenReady);
        if (ready == 0 && nanos > 0 && !paced.isEmpty()) {
            LockSupport.parkNanos(this, nanos);
        }
        return ready;
    }

    private void callDue() {
        long now = System.nanoTime();
        for (int i = paced.size() - 1; i >= 0; i--) {
            Paced connection = paced.get(i);
            if (now - connection.dueNanos() >= 0) {
                connection.due(now);
            }
        }
    }

    /** Each step is the stage's that the connection is in by then; that one also hears of a failure. */
    private void serve(SelectionKey key) {
        try {
            if (key.isValid() && key.isWritable() && key.attachment() instanceof LoopConnection connection) {
                connection.writable();
            }
            if (key.isValid() && key.isReadable() && key.attachment() instanceof LoopConnection connection) {
                connection.readable(scratch.clear());
            }
        } catch (IOException | CancelledKeyException e) {
            fail(key);
        } catch (RuntimeException e) {
            LOG.error("a connection ended on a defect of ours", e);
            fail(key);
        }
    }

    private static void tick(SelectionKey key, long now) {
        if (!(key.attachment() instanceof LoopConnection connection)) {
            return;
        }
        try {
            connection.tick(now);
        } catch (IOException | CancelledKeyException e) {
            fail(key);
        } catch (RuntimeException e) {
            LOG.error("a connection ended on a defect of ours", e);
            fail(key);
        }
    }

    private static void fail(SelectionKey key) {
        if (key.attachment() instanceof LoopConnection connection) {
            connection.broken();
        }
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (UncheckedIOException | CancelledKeyException e) {
            LOG.debug("a connection was gone before its turn", e);
        } catch (RuntimeException e) {
            LOG.error("a step of a connection failed on a defect of ours", e);
        }
    }

    private List<LoopConnection> connections() {
        return selector.keys().stream()
                .map(SelectionKey::attachment)
                .filter(LoopConnection.class::isInstance)
                .map(LoopConnection.class::cast)
                .toList();
    }

    private void shutDown() {
        running = false;
        connections().forEach(LoopConnection::broken);
        for (Runnable work = handedOver.poll(); work != null; work = handedOver.poll()) {
            guarded(work);
        }
        connections().forEach(LoopConnection::broken);
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("a selector did not close", e);
        }
    }
}
