package org.pipecatmanager.adapter.audiosocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes callers from Asterisk over AudioSocket and lets each be driven by the {@link org.pipecatmanager.ports.in.LegMedia} its {@link LegGate}
 * answers with.
 *
 * <p>A few threads named {@code audiosocket-loop-<n>} carry everything, the next one only when the first have enough to do; each
 * connection belongs to one of them for its life, and gate and media are called on it. A media that throws ends its own leg only. Every connection is told to the
 * meter as opened and, with one reason, as closed.
 *
 * <p>Safe for all threads.
 */
public final class AudioSocketServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AudioSocketServer.class);
    /** Connections the kernel keeps for us until we accept them. */
    private static final int BACKLOG = 512;
    /**
     * Connections that one loop takes before the next one gets any. Up to here a wake-up that serves several legs saves more than a
     * second thread gains: with 200 calls the whole daemon takes less than half a core (docs/performance.md).
     */
    private static final int FULL_LOOP = 200;
    /** What a loop may take beyond the grace of its connections, and again when told to drop them. */
    private static final Duration LOOP_MARGIN = Duration.ofSeconds(1);

    private enum State {
        CREATED,
        STARTED,
        CLOSED
    }

    private final Setup setup;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private State state = State.CREATED;

    private volatile List<AudioLoop> loops = List.of();
    private volatile List<Thread> threads = List.of();
    private volatile List<InetSocketAddress> addresses = List.of();

    private AudioSocketServer(Setup setup) {
        this.setup = setup;
    }

    /**
     * Makes a server that does not listen yet.
     *
     * @param gate  asked about every connection that presents an id
     * @param meter told of every connection
     * @param time  its monotonic clock is what the media see
     */
    public static AudioSocketServer create(
            AudioSocketConfig config, LegGate gate, ConnectionMeter meter, TimeSource time) {
        return new AudioSocketServer(new Setup(
                Objects.requireNonNull(config, "config is null"),
                Objects.requireNonNull(gate, "gate is null"),
                Objects.requireNonNull(meter, "meter is null"),
                Objects.requireNonNull(time, "time is null"),
                new Door(config.allow(), config.maxConnections())));
    }

    /**
     * Listens on every address, or on none.
     *
     * @throws ConfigurationException when an address cannot be listened on
     * @throws UncheckedIOException   when the machine gives no more files
     * @throws IllegalStateException  when it was started or closed before
     */
    public void start() {
        lock.lock();
        try {
            if (state != State.CREATED) {
                throw new IllegalStateException("the AudioSocket server is " + state + "; a server starts once");
            }
            List<AudioLoop> opened = new ArrayList<>();
            try {
                for (int i = 0; i < setup.config().loops(); i++) {
                    opened.add(new AudioLoop(setup));
                }
                loops = List.copyOf(opened);
                addresses = listen();
            } catch (IOException e) {
                opened.forEach(AudioLoop::shutDown);
                throw new UncheckedIOException("cannot open the AudioSocket server's sockets", e);
            } catch (RuntimeException e) {
                opened.forEach(AudioLoop::shutDown);
                throw e;
            }
            threads = startThreads();
            state = State.STARTED;
            LOG.info("listening for AudioSocket on {}", addresses);
        } finally {
            lock.unlock();
        }
    }

    private List<InetSocketAddress> listen() throws IOException {
        List<InetSocketAddress> bound = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (AudioSocketConfig.Listener wanted : setup.config().listeners()) {
            ServerSocketChannel channel = ServerSocketChannel.open();
            AudioLoop loop = loops.get(bound.size() % loops.size());
            loop.listen(channel, wanted.agent(), this::handOver);
            try {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(wanted.address(), BACKLOG);
                bound.add((InetSocketAddress) channel.getLocalAddress());
            } catch (IOException e) {
                problems.add(wanted.key() + " is " + wanted.address() + ", where nothing can listen (" + e.getMessage()
                        + "); end what uses it, or take a free port of one of this machine's addresses");
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return List.copyOf(bound);
    }

    private List<Thread> startThreads() {
        List<Thread> started = new ArrayList<>();
        for (AudioLoop loop : loops) {
            started.add(Thread.ofPlatform()
                    .name("audiosocket-loop-" + started.size())
                    .daemon(true)
                    .start(loop));
        }
        return List.copyOf(started);
    }

    private void handOver(Arrival arrival) {
        loopFor(loops).take(arrival);
    }

    /** The first loop that is not full, or the one with the least to do. */
    private static AudioLoop loopFor(List<AudioLoop> loops) {
        AudioLoop least = loops.getFirst();
        for (AudioLoop loop : loops) {
            if (loop.load() < FULL_LOOP) {
                return loop;
            }
            if (loop.load() < least.load()) {
                least = loop;
            }
        }
        return least;
    }

    /**
     * Where it listens, in the order of the configuration.
     *
     * @return empty before the start
     */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /**
     * Stops listening, ends every leg in order ({@link org.pipecatmanager.ports.model.LegEnd#SERVER_STOPPED}) and waits
     * until all connections are closed: as long as their closing time and two seconds at most. Idempotent. An interrupt
     * shortens the wait: connections are then dropped. Called by a media or a gate it does not wait.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            state = State.CLOSED;
        } finally {
            lock.unlock();
        }
        loops.forEach(AudioLoop::stop);
        if (threads.contains(Thread.currentThread())) {
            return;
        }
        boolean interrupted = !join(setup.config().closeGrace().plus(LOOP_MARGIN));
        loops.forEach(AudioLoop::abandon);
        if (interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!join(LOOP_MARGIN)) {
            Thread.currentThread().interrupt();
        }
        for (Thread thread : threads) {
            if (thread.isAlive()) {
                LOG.error("{} does not end: a media blocks it", thread.getName());
            }
        }
    }

    /** Waits for all loops together; false when interrupted. */
    private boolean join(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        try {
            for (Thread thread : threads) {
                long left = Math.max(1, deadline - System.nanoTime());
                thread.join(Duration.ofNanos(left));
            }
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
