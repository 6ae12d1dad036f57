package org.pipecatmanager.adapter.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A port that leads to a server, or to nobody: open it passes bytes on, silent it takes them, closed it refuses. */
final class Gate implements AutoCloseable {
    private final @Nullable InetSocketAddress server;
    private final AtomicInteger visitors = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final int port;
    private volatile ServerSocket door;
    private volatile @Nullable Thread doorman;
    private volatile boolean silent;

    private Gate(@Nullable InetSocketAddress server) {
        this.server = server;
        silent = server == null;
        door = listen(0);
        port = door.getLocalPort();
    }

    static Gate to(RedisConfig config) {
        return new Gate(new InetSocketAddress(config.host(), config.port()));
    }

    static Gate toNobody() {
        return new Gate(null);
    }

    int port() {
        return port;
    }

    /** Connections that were taken so far. */
    int visitors() {
        return visitors.get();
    }

    /** Connections stay, new ones are taken, and nothing is answered. */
    void fallSilent() {
        silent = true;
    }

    /** Ends what is connected and refuses what comes. */
    @Override
    public void close() {
        quietly(door);
        awaitDoorman();
        sockets.forEach(Gate::quietly);
        sockets.clear();
    }

    /** The same port leads to the server again; connections of before are ended. */
    void open() {
        close();
        silent = false;
        door = listen(port);
    }

    private ServerSocket listen(int wanted) {
        try {
            var fresh = new ServerSocket();
            fresh.setReuseAddress(true);
            fresh.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 50);
            doorman = Thread.ofVirtual().start(() -> admit(fresh));
            return fresh;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port is free only when the thread that waits on it has let go. */
    private void awaitDoorman() {
        var waiting = doorman;
        try {
            if (waiting != null && !waiting.join(Duration.ofSeconds(30))) {
                throw new AssertionError("the port " + port + " is still listened on 30 s after its end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the port " + port + " is closed", e);
        }
    }

    private void admit(ServerSocket listening) {
        try {
            while (true) {
                var visitor = listening.accept();
                visitors.incrementAndGet();
                sockets.add(visitor);
                var target = server;
                if (silent || target == null) {
                    continue;
                }
                var inside = new Socket();
                sockets.add(inside);
                inside.connect(target, 5_000);
                Thread.ofVirtual().start(() -> pump(visitor, inside));
                Thread.ofVirtual().start(() -> pump(inside, visitor));
            }
        } catch (IOException e) {
            quietly(listening);
        }
    }

    private void pump(Socket from, Socket to) {
        var buffer = new byte[8192];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                if (!silent) {
                    to.getOutputStream().write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // An end of the two was closed.
        }
        quietly(from);
        quietly(to);
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError("a socket could not be closed", e);
        }
    }
}
