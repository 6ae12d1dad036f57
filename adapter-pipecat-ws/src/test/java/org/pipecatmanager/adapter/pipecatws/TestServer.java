package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** A server on a free port with one session, and clients for it. */
final class TestServer implements AutoCloseable {
    static final PipecatcallId ID = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");
    static final PipecatcallId STRANGER = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a11");
    static final String TOKEN = "s3cret";

    final TestRunnerGate gate = new TestRunnerGate();
    final TestMeter links = new TestMeter();
    final TestMeter http = new TestMeter();
    final List<Object> callbacks = new CopyOnWriteArrayList<>();
    final HttpClient client = HttpClient.newHttpClient();
    final PipecatWsServer server;

    TestServer(UnaryOperator<PipecatWsConfig> settings, HttpHandler others) throws IOException {
        gate.expect(ID, TOKEN);
        var tools = new ToolCallbacks() {
            @Override
            public ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call) {
                checked(id, token);
                callbacks.add(call);
                return ToolResult.success(call.id(), List.of("sunny"));
            }

            @Override
            public void memberSwitched(PipecatcallId id, Secret token, String function, Member from, Member to) {
                checked(id, token);
                callbacks.add(List.of(function, from, to));
            }
        };
        server = PipecatWsServer.create(
                settings.apply(PipecatWsConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))),
                gate,
                tools,
                others,
                links,
                http);
        server.start();
    }

    TestServer() throws IOException {
        this(config -> config, exchange -> exchange.respond(404, "", new byte[0]));
    }

    private static void checked(PipecatcallId id, Secret token) {
        if (!id.equals(ID)) {
            throw RequestException.notFound();
        }
        if (!token.equals(Secret.of(TOKEN))) {
            throw new RequestException(RequestException.Status.UNAUTHENTICATED, "BAD_TOKEN", "the token is wrong");
        }
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    /** A bare TCP connection. */
    Socket connect() throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(10_000);
        socket.connect(server.address());
        return socket;
    }

    static String upgrade(String path, String token) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Authorization: Bearer " + token + "\r\n\r\n";
    }

    /** A runner's socket, opened. */
    WireRunner runner(String query) throws IOException {
        return new WireRunner(connect(), upgrade("/" + ID + "/ws" + query, TOKEN));
    }

    /** Sends bytes and reads everything up to the end of the connection. */
    String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Nobody's callbacks. */
    static final class NoCallbacks implements ToolCallbacks {
        @Override
        public ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call) {
            throw RequestException.notFound();
        }

        @Override
        public void memberSwitched(PipecatcallId id, Secret token, String function, Member from, Member to) {
            throw RequestException.notFound();
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
