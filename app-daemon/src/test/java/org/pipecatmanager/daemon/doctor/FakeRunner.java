package org.pipecatmanager.daemon.doctor;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A runner that tells of its health and its providers, with a token. */
final class FakeRunner implements AutoCloseable {
    static final String TOKEN = "runners-own";

    private final HttpServer server;

    FakeRunner(String providers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext(
                "/health",
                exchange -> answer(exchange, 200, "{\"status\":\"ok\",\"version\":\"1\",\"pipecat\":\"1.14\"}"));
        server.createContext("/providers", exchange -> {
            boolean ours =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, ours ? 200 : 401, ours ? providers : "{\"detail\":\"no\"}");
        });
        server.start();
    }

    /** One provider of each kind, with what the model lacks. */
    static String providers(String missing) {
        String rest = "\"installed\":true,\"aliases\":[],\"extra\":\"e\"";
        return "{\"llm\":[{\"name\":\"openai\"," + rest + ",\"configured\":" + missing.isEmpty() + ",\"missing\":["
                + (missing.isEmpty() ? "" : "\"" + missing + "\"") + "]}],"
                + "\"stt\":[{\"name\":\"whisper\"," + rest + ",\"configured\":true,\"missing\":[]}],"
                + "\"tts\":[{\"name\":\"piper\"," + rest + ",\"configured\":true,\"missing\":[]}]}";
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
