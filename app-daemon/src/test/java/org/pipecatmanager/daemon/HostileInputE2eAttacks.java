package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Connections that mean harm, or break. Each is made by its seed; that the daemon closes one at any moment is part of the game,
 * that it leaves one open is not: every read ends within {@value #PATIENCE_MILLIS} ms.
 */
final class HostileInputE2eAttacks {
    static final int ON_AUDIOSOCKET = 13;
    static final int ON_HTTP = 16;
    private static final int PATIENCE_MILLIS = 30_000;

    private final DaemonProcess daemon;
    private final StandInRunner runner;
    private final UUID healthy;
    /** Calls whose links were abused. */
    final Queue<UUID> victims = new ConcurrentLinkedQueue<>();

    HostileInputE2eAttacks(DaemonProcess daemon, StandInRunner runner, UUID healthy) {
        this.daemon = daemon;
        this.runner = runner;
        this.healthy = healthy;
    }

    // ---- the AudioSocket port: exactly one connection each

    void onAudioSocket(int seed) throws IOException {
        Random random = new Random(seed);
        try (Socket socket = connect(daemon.audioSocket())) {
            switch (seed % ON_AUDIOSOCKET) {
                case 0 -> {
                    // Gone without a word.
                }
                case 1 -> heldOpen(socket, (byte) 0x01, (byte) 0x00);
                case 2 -> heldOpen(socket, noise(random, 4_000));
                case 3 -> halfClosed(socket, noise(random, 10));
                case 4 -> {
                    send(socket, hello(UUID.randomUUID()));
                    reset(socket);
                }
                case 5 -> {
                    send(socket, hello(UUID.randomUUID()));
                    halfClosed(socket, noise(random, 4_000));
                }
                case 6 -> heldOpen(socket, hello(healthy));
                case 7 -> {
                    send(socket, hello(UUID.randomUUID()));
                    for (int i = 0; i < 200; i++) {
                        send(socket, message(0x10, new byte[random.nextInt(2_000)]));
                    }
                    reset(socket);
                }
                case 8 ->
                    heldOpen(
                            socket,
                            "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                case 9 -> {
                    for (byte one : hello(UUID.randomUUID())) {
                        send(socket, one);
                    }
                    halfClosed(socket, (byte) 0x10, (byte) 0xff);
                }
                case 10 -> {
                    send(socket, hello(UUID.randomUUID()));
                    send(socket, (byte) 0x10, (byte) 0xff, (byte) 0xff);
                    halfClosed(socket, noise(random, 65_535));
                }
                case 11 -> {
                    send(socket, hello(UUID.randomUUID()));
                    for (int kind : new int[] {0x02, 0x19, 0x7f, 0xfe}) {
                        send(socket, message(kind, noise(random, 300)));
                    }
                    heldOpen(socket, message(0xff, (byte) 1));
                }
                default -> heldOpen(socket, message(0x10, new byte[320]));
            }
        } catch (IOException brokenOff) {
            assertBrokenOff(brokenOff);
        }
    }

    // ---- the HTTP port

    void onHttp(int seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        int kind = seed % ON_HTTP;
        try {
            if (kind >= 10) {
                onALink(kind, random);
                return;
            }
            String stranger = "/" + UUID.randomUUID() + "/ws";
            switch (kind) {
                case 0 -> http(random, noise(random, 2_000));
                case 1 -> slowHead(seed);
                case 2 -> http(random, upgrade(stranger, "x", ""));
                case 3 -> http(random, upgrade("/" + healthy + "/ws", "wrong", "trailing"));
                case 4 -> http(random, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort");
                case 5 -> http(random, "GET /v1/ping HT");
                case 6 -> http(random, "BREW /pot HTCPCP/1.0\r\n: \r\n\r\n");
                case 7 -> http(random, upgrade("/" + healthy + "/ws", "x", "").replaceFirst("Sec-[^\r]*Key[^\r]*", ""));
                case 8 -> http(random, "GET /" + "a".repeat(random.nextInt(40_000)));
                default ->
                    http(
                            random,
                            upgrade("/" + healthy + "/ws", runner.link(healthy).token(), ""));
            }
        } catch (IOException brokenOff) {
            assertBrokenOff(brokenOff);
        }
    }

    private static String upgrade(String path, String token, String trailing) {
        return RunnerSocket.upgrade(URI.create("http://127.0.0.1" + path), token) + trailing;
    }

    private void http(Random random, String text) throws IOException {
        http(random, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends, then leaves in one of the ways there are. */
    private void http(Random random, byte[] bytes) throws IOException {
        try (Socket socket = connect(daemon.http())) {
            send(socket, bytes);
            switch (random.nextInt(3)) {
                case 0 -> reset(socket);
                case 1 -> {
                    // Closed at once, with whatever has come unread.
                }
                default -> {
                    socket.shutdownOutput();
                    toEnd(socket);
                }
            }
        }
    }

    /** A head byte by byte; most break off, some stay until the daemon has had enough. */
    private void slowHead(int seed) throws IOException {
        try (Socket socket = connect(daemon.http())) {
            for (byte one : "GET /v1/ping HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII)) {
                send(socket, one);
            }
            if (seed / ON_HTTP % 8 == 0) {
                toEnd(socket);
            }
        }
    }

    /** A link that was let in and is abused: another call's, which has no caller. */
    private void onALink(int kind, Random random) throws IOException, InterruptedException {
        UUID victim = UUID.randomUUID();
        var started = runner.reserve(victim);
        int status = daemon.post("/v1/pipecatcalls", "{\"id\":\"" + victim + "\",\"agent\":\"tone\"}")
                .statusCode();
        assertThat(status).isEqualTo(200);
        StandInRunner.Link link =
                started.orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
        victims.add(victim);
        byte[] noise = noise(random, 2_000);
        try (RunnerSocket socket = new RunnerSocket(link.url(), link.token())) {
            switch (kind) {
                case 10 -> socket.send(RunnerSocket.TEXT, noise);
                case 11 -> {
                    // A field of 127 bytes that has none.
                    socket.send(RunnerSocket.BINARY, (byte) 0x12, (byte) 0x7f);
                }
                case 12 -> socket.send(0xff, noise);
                case 13 -> {
                    // The head of a message far beyond any limit.
                    socket.write(ByteBuffer.allocate(14)
                            .put((byte) RunnerSocket.BINARY)
                            .put((byte) 0xff)
                            .putLong(1L << 40)
                            .array());
                    socket.write(noise);
                }
                case 14 -> {
                    socket.send(RunnerSocket.BINARY, StandInRunner.tone(0));
                    socket.write((byte) RunnerSocket.BINARY, (byte) 0xfe);
                    socket.reset();
                    return;
                }
                default -> {
                    for (int i = 0; i < 50; i++) {
                        socket.send(RunnerSocket.PING, new byte[random.nextInt(125)]);
                    }
                    socket.write((byte) RunnerSocket.BINARY, (byte) 5, (byte) 'u', (byte) 'n', (byte) 'm');
                    socket.write(noise);
                }
            }
            assertThat(socket.receiveCloseCode())
                    .as("close code of attack %d", kind)
                    .isNotEqualTo(1000);
        }
    }

    // ---- sockets

    private static Socket connect(InetSocketAddress server) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(server, PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void halfClosed(Socket socket, byte... bytes) throws IOException {
        send(socket, bytes);
        socket.shutdownOutput();
        messagesToEnd(socket);
    }

    private static void heldOpen(Socket socket, byte... bytes) throws IOException {
        send(socket, bytes);
        messagesToEnd(socket);
    }

    /** What AudioSocket's far end may get: whole messages of audio, a hangup at the most once and last. */
    private static void messagesToEnd(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        boolean hungUp = false;
        for (int kind = in.read(); kind >= 0; kind = in.read()) {
            assertThat(hungUp).as("something after the hangup").isFalse();
            hungUp = kind == 0;
            // Audio comes in the kind that arrived last, and noise may look like any.
            assertThat(kind)
                    .satisfiesAnyOf(
                            k -> assertThat(k).isZero(), k -> assertThat(k).isBetween(0x10, 0x18));
            try {
                in.readFully(new byte[in.readUnsignedShort()]);
            } catch (EOFException e) {
                throw new AssertionError("the stream ended within a message", e);
            }
        }
    }

    private static void toEnd(Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            in.readAllBytes();
        }
    }

    private static byte[] hello(UUID id) {
        return message(
                0x01,
                ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .array());
    }

    private static byte[] message(int kind, byte... payload) {
        return ByteBuffer.allocate(3 + payload.length)
                .put((byte) kind)
                .putShort((short) payload.length)
                .put(payload)
                .array();
    }

    private static byte[] noise(Random random, int most) {
        byte[] bytes = new byte[1 + random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Who misbehaves may be cut off in mid-word; a time-out, by contrast, means that a connection was left open. */
    private static void assertBrokenOff(IOException end) {
        assertThat(end).hasMessageMatching("(?is).*(reset|broken pipe|closed).*");
    }
}
