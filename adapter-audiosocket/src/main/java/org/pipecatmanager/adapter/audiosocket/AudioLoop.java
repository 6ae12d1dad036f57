package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that serves its connections: it reads what arrived and calls each when its moment has come.
 *
 * <p><b>Moments.</b> The selector waits in whole milliseconds, so it waits for all but the last of them, and the rest is
 * parked away, {@value #LOOK_NANOS} ns at a time, twice that at most: so long may wait what arrives meanwhile, and moments
 * closer than that may share a turn. On an idle machine a call is late by less than a millisecond and never early. Between two
 * connections that have data, whoever is due is called, so that a flood on one delays the others by one read at most.
 *
 * <p>Steady traffic allocates nothing here.
 */
final class AudioLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(AudioLoop.class);
    /** docs/adr/0007-media-past-the-codec.md has what a shorter and a longer one cost. */
    private static final long LOOK_NANOS = 200_000;

    private static final long NANOS_PER_MILLI = 1_000_000;
    /** One read: a second of 8 kHz audio, or two frames at 192 kHz. */
    private static final int READ_BYTES = 16 * 1024;

    private final Setup setup;
    private final Selector selector;
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private final Set<Connection> connections = new HashSet<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    /** Connections given to this loop and not closed yet. */
    private final AtomicInteger load = new AtomicInteger();

    private final Consumer<SelectionKey> whenReady = this::ready;
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer readView = readBuffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer writeScratch =
            ByteBuffer.allocateDirect(AudioSocketEncoder.MAX_FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private boolean stopping;
    private volatile boolean stopRequested;
    private volatile boolean abandonRequested;
    private volatile boolean over;

    AudioLoop(Setup setup) throws IOException {
        this.setup = setup;
        this.selector = Selector.open();
    }

    /** Before the thread starts: listens here and hands what arrives to {@code takers}. */
    void listen(ServerSocketChannel listener, String agent, Consumer<Arrival> takers) throws IOException {
        listener.configureBlocking(false);
        SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
        Acceptor acceptor = new Acceptor(this, key, listener, agent, takers);
        key.attach(acceptor);
        acceptors.add(acceptor);
    }

    /** Any thread: this loop serves the connection from now on. */
    void take(Arrival arrival) {
        load.incrementAndGet();
        arrivals.add(arrival);
        selector.wakeup();
        if (over) {
            discardArrivals();
        }
    }

    /** Any thread: how many connections it serves, or is about to. */
    int load() {
        return load.get();
    }

    /** Any thread: end every connection in order, then end the loop. */
    void stop() {
        stopRequested = true;
        selector.wakeup();
    }

    /** Any thread: close everything now. */
    void abandon() {
        abandonRequested = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!abandonRequested && !(stopping && connections.isEmpty())) {
                turn();
            }
        } catch (Throwable failure) {
            LOG.error("an audio loop failed; its {} connections are closed", connections.size(), failure);
        } finally {
            shutDown();
        }
    }

    /** Closes what a loop that never ran has opened. */
    void shutDown() {
        over = true;
        acceptors.forEach(Acceptor::close);
        List.copyOf(connections).forEach(Connection::abandon);
        discardArrivals();
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("closing an audio loop's selector failed", e);
        }
    }

    private void turn() throws IOException {
        // An interrupt meant for nobody here would close the channel that is read next.
        if (Thread.interrupted()) {
            LOG.debug("{} ignores an interrupt", Thread.currentThread().getName());
        }
        long wait = deadlines.isEmpty() ? Long.MAX_VALUE : deadlines.nanosToFirst(now());
        if (wait == Long.MAX_VALUE) {
            selector.select(whenReady);
        } else if (wait >= NANOS_PER_MILLI) {
            selector.select(whenReady, wait / NANOS_PER_MILLI);
        } else if (selector.selectNow(whenReady) == 0 && wait > 0) {
            // Not in two when the rest is short.
            LockSupport.parkNanos(this, wait < 2 * LOOK_NANOS ? Math.max(wait, LOOK_NANOS) : LOOK_NANOS);
        }
        takeArrivals();
        callDue();
        if (stopRequested && !stopping) {
            stopping = true;
            acceptors.forEach(Acceptor::close);
            List.copyOf(connections).forEach(connection -> connection.stop(now()));
        }
    }

    private void ready(SelectionKey key) {
        Object owner = key.attachment();
        long now = now();
        if (owner instanceof Connection connection) {
            try {
                connection.ready(now);
            } catch (Throwable failure) {
                connection.failed(failure, now);
            }
        } else if (owner instanceof Acceptor acceptor && key.isValid()) {
            acceptor.ready(now);
        }
        callDue();
    }

    private void callDue() {
        long now = now();
        for (var waiting = deadlines.pollDue(now); waiting != null; waiting = deadlines.pollDue(now)) {
            try {
                waiting.due(now);
            } catch (Throwable failure) {
                if (!(waiting instanceof Connection connection)) {
                    throw failure;
                }
                connection.failed(failure, now);
            }
        }
    }

    private void takeArrivals() {
        for (Arrival arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            SelectionKey key;
            try {
                key = arrival.channel().register(selector, SelectionKey.OP_READ);
            } catch (IOException e) {
                discard(arrival);
                continue;
            }
            long now = now();
            Connection connection = new Connection(this, key, arrival, now);
            key.attach(connection);
            connections.add(connection);
            connection.opened(arrival.turnedAway(), now);
            if (stopping) {
                connection.stop(now);
            }
        }
    }

    private void discardArrivals() {
        for (Arrival arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            discard(arrival);
        }
    }

    private void discard(Arrival arrival) {
        load.decrementAndGet();
        try {
            arrival.channel().close();
        } catch (IOException e) {
            LOG.debug("closing the audio connection from {} failed", arrival.remote(), e);
        }
        if (arrival.turnedAway() == null) {
            setup.door().left();
        } else {
            setup.door().turnedAwayGone();
        }
        setup.meter().closed(CloseReason.SERVER_STOPPED.label());
    }

    void closed(Connection connection) {
        connections.remove(connection);
        load.decrementAndGet();
    }

    Setup setup() {
        return setup;
    }

    DeadlineHeap deadlines() {
        return deadlines;
    }

    ByteBuffer readBuffer() {
        return readBuffer;
    }

    /** The same bytes as the read buffer, little-endian, narrowed to a piece; valid until the next piece. */
    ByteBuffer readView(int offset, int bytes) {
        return readView.limit(offset + bytes).position(offset);
    }

    ByteBuffer writeScratch() {
        return writeScratch;
    }

    private long now() {
        return setup.time().nanoTime();
    }
}
