package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.pipecatmanager.ports.fake.FakeLegMedia;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;

/** A server on a free port that takes callers over WebSocket, each id once, and clients for it. */
final class LegServer implements AutoCloseable {
    static final PipecatcallId ID = TestServer.ID;
    static final String TOKEN = "s3cret";

    final TestMeter legs = new TestMeter();
    final TestMeter http = new TestMeter();
    final List<LegGate.Origin> origins = new CopyOnWriteArrayList<>();
    final Map<PipecatcallId, LegMedia> admitted = new ConcurrentHashMap<>();
    volatile Supplier<LegMedia> media = FakeLegMedia::new;
    volatile LegGate.Refusal refusal = LegGate.Refusal.UNKNOWN_ID;
    volatile boolean refusing;
    final PipecatWsServer server;

    LegServer(int maxLegs, Duration pingInterval) throws IOException {
        server = PipecatWsServer.create(
                PipecatWsConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .withLinkTimeouts(pingInterval, Duration.ofSeconds(2)),
                new TestRunnerGate(),
                new TestServer.NoCallbacks(),
                exchange -> exchange.respond(404, "", new byte[0]),
                new BrowserLegs(this::admit, LegServer::check, legs, maxLegs),
                new TestMeter(),
                http);
        server.start();
    }

    LegServer() throws IOException {
        this(100, Duration.ofSeconds(10));
    }

    private LegGate.LegAdmission admit(PipecatcallId id, LegGate.Origin origin) {
        origins.add(origin);
        if (refusing) {
            return new LegGate.LegAdmission.Refused(refusal);
        }
        LegMedia made = media.get();
        return admitted.putIfAbsent(id, made) == null
                ? new LegGate.LegAdmission.Admitted(made)
                : new LegGate.LegAdmission.Refused(LegGate.Refusal.ALREADY_USED);
    }

    private static void check(Secret token, String host, String origin) {
        if (!Secret.of(TOKEN).matches(token.reveal())) {
            throw new RequestException(RequestException.Status.UNAUTHENTICATED, "API_TOKEN_NEEDED", "no token");
        }
        if (!origin.isEmpty() && !origin.equals("http://" + host)) {
            throw new RequestException(RequestException.Status.PERMISSION_DENIED, "FOREIGN_ORIGIN", "foreign");
        }
    }

    /** The media of the first call. */
    FakeLegMedia media() {
        if (admitted.get(ID) instanceof FakeLegMedia media) {
            return media;
        }
        throw new AssertionError("nobody was let in as " + ID);
    }

    static String path(PipecatcallId id) {
        return "/v1/pipecatcalls/" + id + "/audio";
    }

    /** As a browser asks: the token, base64url without padding, as a subprotocol. */
    static String upgrade(String path, String... more) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: pipecat.audio.v1, bearer.czNjcmV0\r\n" + String.join("", more) + "\r\n";
    }

    /** A caller that was let in. */
    WireRunner caller(PipecatcallId id, String query) throws IOException {
        return new WireRunner(connect(), upgrade(path(id) + query));
    }

    WireRunner caller() throws IOException {
        return caller(ID, "");
    }

    Socket connect() throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        socket.connect(server.address());
        return socket;
    }

    /** Sends bytes and reads everything up to the end of the connection. */
    String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
