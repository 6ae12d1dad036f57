package org.pipecatmanager.ports.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves platform threads or, on Linux, sockets behind: {@code @ExtendWith(LeakCheck.class)}, or
 * {@link #now()} and {@link Snapshot#requireNothingNew} around a part of it.
 *
 * <p>What is closing gets {@link #GRACE} to be gone. For test classes that run one after the other in their JVM.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    /** Time for what is closing to be gone. */
    public static final Duration GRACE = Duration.ofSeconds(10);

    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    /** Threads of the JDK that start when first needed and stay. */
    private static final List<String> OF_THE_JDK = List.of(
            "ForkJoinPool",
            "VirtualThread-unblocker",
            "VirtualThread-unparker",
            "CompletableFutureDelayScheduler",
            "Common-Cleaner",
            "Cleaner-",
            "process reaper",
            "Attach Listener",
            "JFR ",
            "junit-",
            "JNA Cleaner",
            "Read-Poller",
            "Write-Poller",
            "MasterPoller",
            "Keep-Alive-Timer");

    private static final ExtensionContext.Namespace STATE = ExtensionContext.Namespace.create(LeakCheck.class);

    static {
        // With the first socket it closes, the JDK opens a marker socket of its own and keeps it for good.
        try {
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on the loopback address", e);
        }
    }

    /**
     * What was open at one moment.
     *
     * @param threads live platform threads, without the JDK's own
     * @param sockets {@code socket:[inode]} of each open socket
     */
    public record Snapshot(Set<Thread> threads, Set<String> sockets) {
        public Snapshot {
            threads = Set.copyOf(threads);
            sockets = Set.copyOf(sockets);
        }

        /**
         * Waits until nothing is open that was not open then.
         *
         * @throws AssertionError when something still is after {@code grace}; it names what
         */
        public void requireNothingNew(Duration grace) {
            var left = left(this);
            long deadline = System.nanoTime() + grace.toNanos();
            while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                left = left(this);
            }
            if (!left.isEmpty()) {
                throw new AssertionError("left behind, " + grace + " after the end: " + String.join(", ", left)
                        + "; close what was opened");
            }
        }
    }

    /** What is open now. */
    public static Snapshot now() {
        return new Snapshot(liveThreads(), openSockets());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(STATE).put("before", now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var before = context.getStore(STATE).get("before", Snapshot.class);
        if (before == null) {
            throw new IllegalStateException("nothing was noted before the test");
        }
        before.requireNothingNew(GRACE);
    }

    private static List<String> left(Snapshot before) {
        var left = new ArrayList<String>();
        for (var thread : liveThreads()) {
            if (!before.threads().contains(thread)) {
                left.add("thread '" + thread.getName() + "'");
            }
        }
        for (var socket : openSockets()) {
            if (!before.sockets().contains(socket)) {
                left.add(socket);
            }
        }
        return left;
    }

    private static Set<Thread> liveThreads() {
        var threads = new HashSet<Thread>();
        for (var thread : Thread.getAllStackTraces().keySet()) {
            if (OF_THE_JDK.stream().noneMatch(thread.getName()::startsWith)) {
                threads.add(thread);
            }
        }
        return threads;
    }

    /** {@code socket:[inode]} of each open socket; none where the system does not tell. */
    private static Set<String> openSockets() {
        var sockets = new HashSet<String>();
        if (!Files.isDirectory(OPEN_FILES)) {
            return sockets;
        }
        try (var files = Files.newDirectoryStream(OPEN_FILES)) {
            for (var file : files) {
                try {
                    var target = Files.readSymbolicLink(file).toString();
                    if (target.startsWith("socket:")) {
                        sockets.add(target);
                    }
                } catch (IOException e) {
                    // Closed between listing and reading.
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot list " + OPEN_FILES, e);
        }
        return sockets;
    }
}
