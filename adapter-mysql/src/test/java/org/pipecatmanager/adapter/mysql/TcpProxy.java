package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A line to a server that a test cuts, silences and mends. */
final class TcpProxy implements AutoCloseable {
    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();
    private volatile boolean cut;
    private volatile boolean silent;

    TcpProxy(String host, int port) throws IOException {
        server = new InetSocketAddress(host, port);
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("proxy-accept").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Every connection breaks, new ones too. */
    void cut() {
        cut = true;
        sockets.forEach(TcpProxy::close);
    }

    /** Nothing passes any more, and nobody is told. */
    void silence() {
        silent = true;
    }

    void mend() {
        sockets.forEach(TcpProxy::close);
        cut = false;
        lock.lock();
        try {
            silent = false;
            heard.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var client = listener.accept();
                sockets.add(client);
                if (cut) {
                    close(client);
                    continue;
                }
                var upstream = new Socket();
                sockets.add(upstream);
                upstream.connect(server);
                Thread.ofVirtual().start(() -> pump(client, upstream));
                Thread.ofVirtual().start(() -> pump(upstream, client));
            } catch (IOException e) {
                // The test closed the listener, or the server refused: the client finds out.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            var buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitHearing();
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // Cut: the other direction ends too.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitHearing() throws InterruptedException {
        lock.lock();
        try {
            while (silent) {
                heard.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        mend();
    }
}
