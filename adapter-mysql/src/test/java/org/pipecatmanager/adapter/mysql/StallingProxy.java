package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stands between driver and server, and loses the answer to one statement, as a server does that hangs. */
final class StallingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable String> unanswered = new AtomicReference<>();

    StallingProxy(String host, int port) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.host = host;
        this.port = port;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next statement with this text reaches the server; its connection hears nothing any more. */
    void loseAnswerTo(String text) {
        unanswered.set(text);
    }

    private void accept() {
        try {
            while (true) {
                var client = listener.accept();
                var server = new Socket(host, port);
                sockets.add(client);
                sockets.add(server);
                var deaf = new AtomicBoolean();
                Thread.ofVirtual().start(() -> pass(client, server, question -> listen(question, deaf)));
                Thread.ofVirtual().start(() -> pass(server, client, answer -> !deaf.get()));
            }
        } catch (IOException e) {
            close();
        }
    }

    /** Questions always pass. */
    private boolean listen(String question, AtomicBoolean deaf) {
        var text = unanswered.get();
        if (text != null && question.contains(text) && unanswered.compareAndSet(text, null)) {
            deaf.set(true);
        }
        return true;
    }

    private static void pass(Socket from, Socket to, Predicate<String> passes) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            var buffer = new byte[65536];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (passes.test(new String(buffer, 0, read, StandardCharsets.ISO_8859_1))) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException ignored) {
            // One side has hung up: both are closed.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (var socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
