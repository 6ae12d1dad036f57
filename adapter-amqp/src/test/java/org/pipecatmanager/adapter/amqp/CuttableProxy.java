package org.pipecatmanager.adapter.amqp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Stands between a client and the broker, and breaks what is between them when it is told. */
final class CuttableProxy implements AutoCloseable {
    private final URI broker;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong bytesUntilCut = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean down;
    private volatile boolean mute;

    CuttableProxy(String brokerUri) {
        broker = URI.create(brokerUri);
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("proxy-accept").start(this::accept);
    }

    /** The broker's address through here. */
    String uri() {
        return "amqp://" + broker.getRawUserInfo() + "@127.0.0.1:" + server.getLocalPort() + broker.getRawPath();
    }

    /** Breaks every connection; new ones are let through. */
    void cut() {
        sockets.forEach(CuttableProxy::close);
    }

    /** Breaks every connection when so many more bytes have gone to the broker, in the middle of whatever they are. */
    void cutAfter(long bytes) {
        bytesUntilCut.set(bytes);
    }

    /** Breaks every connection and lets no new one through. */
    void down() {
        down = true;
        cut();
    }

    /** Lets connections through again. */
    void up() {
        down = false;
        mute = false;
    }

    /** From now on nothing the broker says arrives, and the connections stay. */
    void mute() {
        mute = true;
    }

    /** Connections that were let through so far. */
    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                if (down) {
                    client.close();
                } else {
                    accepted.incrementAndGet();
                    connect(client);
                }
            } catch (IOException e) {
                cut();
            }
        }
    }

    private void connect(Socket client) throws IOException {
        var upstream = new Socket(broker.getHost(), broker.getPort());
        sockets.add(client);
        sockets.add(upstream);
        Thread.ofVirtual().start(() -> pump(client, upstream, true));
        Thread.ofVirtual().start(() -> pump(upstream, client, false));
    }

    private void pump(Socket from, Socket to, boolean toBroker) {
        var buffer = new byte[4096];
        try (from;
                to) {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                int pass = n;
                if (toBroker) {
                    long left = bytesUntilCut.addAndGet(-n);
                    if (left <= 0) {
                        pass = (int) (n + left);
                    }
                } else if (mute) {
                    pass = 0;
                }
                out.write(buffer, 0, Math.max(0, pass));
                if (toBroker && pass < n) {
                    bytesUntilCut.set(Long.MAX_VALUE);
                    cut();
                }
            }
        } catch (IOException e) {
            close(from);
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
