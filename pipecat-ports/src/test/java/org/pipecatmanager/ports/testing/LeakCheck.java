package org.pipecatmanager.ports.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * Fails a test that leaves platform threads or, on Linux, sockets behind: {@code @ExtendWith(LeakCheck.class)}.
 *
 * <p>What is closing gets {@link #GRACE_SECONDS} to be gone. For test classes that run one after the other in their JVM.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    /** Time for what is closing to be gone. */
    public static final int GRACE_SECONDS = 10;

    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    /** Threads of the JDK that start when first needed and stay. */
    private static final List<String> OF_THE_JDK = List.of(
            "ForkJoinPool", "VirtualThread-unblocker", "VirtualThread-unparker", "CompletableFutureDelayScheduler",
            "Common-Cleaner", "Cleaner-", "process reaper", "Attach Listener", "JFR ", "junit-", "JNA Cleaner",
            "Read-Poller", "Write-Poller", "Keep-Alive-Timer");

    private static final ExtensionContext.Namespace STATE = ExtensionContext.Namespace.create(LeakCheck.class);

    private record Before(Set<Thread> threads, Set<String> sockets) {}

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(STATE).put("before", new Before(liveThreads(), openSockets()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var before = context.getStore(STATE).get("before", Before.class);
        if (before == null) {
            throw new IllegalStateException("nothing was noted before the test");
        }
        var left = left(before);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
        while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            left = left(before);
        }
        if (!left.isEmpty()) {
            throw new AssertionError("the test left behind, " + GRACE_SECONDS + " s after its end: "
                    + String.join(", ", left) + "; close what was opened");
        }
    }

    private static List<String> left(Before before) {
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
