package org.pipecatmanager.adapter.amqp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and the broker, and cuts every connection when asked to. */
final class CuttableProxy implements AutoCloseable {
    private final URI broker;
    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    CuttableProxy(String brokerUrl) throws IOException {
        broker = URI.create(brokerUrl);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** The broker's address by way of this. */
    String url() {
        return broker.getScheme() + "://" + broker.getRawUserInfo() + "@127.0.0.1:" + server.getLocalPort()
                + broker.getRawPath();
    }

    /** Ends every connection without a word. */
    void cut() throws IOException {
        for (var socket : List.copyOf(sockets)) {
            sockets.remove(socket);
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                var upstream = new Socket(broker.getHost(), broker.getPort());
                sockets.add(client);
                sockets.add(upstream);
                pump(client, upstream);
                pump(upstream, client);
            }
        } catch (IOException e) {
            // Closed: no more are taken.
        }
    }

    private static void pump(Socket from, Socket to) {
        Thread.ofVirtual().start(() -> {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                in.transferTo(out);
            } catch (IOException e) {
                // Cut.
            }
        });
    }
}
