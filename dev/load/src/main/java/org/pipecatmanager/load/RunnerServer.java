package org.pipecatmanager.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A runner's HTTP side: {@code POST /run} connects to the daemon as it says, {@code POST /stop} hangs up. Each request on a
 * virtual thread.
 */
final class RunnerServer implements AutoCloseable {
    private static final int BACKLOG = 1_000;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Pipelines pipelines;

    /** What runs for the calls there are. */
    interface Pipelines {
        /**
         * Connects.
         *
         * @throws IOException when the call is not known here, or the daemon does not take us
         */
        void start(UUID id, URI url, String token) throws IOException;

        /** Disconnects; false where there is none. */
        boolean stop(UUID id);
    }

    RunnerServer(Pipelines pipelines) throws IOException {
        this.pipelines = pipelines;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            switch (exchange.getRequestURI().getPath()) {
                case "/health" -> respond(exchange, 200, "{\"status\":\"ok\"}");
                case "/providers" -> respond(exchange, 200, "{}");
                case "/run" -> run(exchange, JsonMapper.shared().readTree(body));
                case "/stop" -> {
                    UUID id =
                            UUID.fromString(exchange.getRequestURI().getQuery().replaceFirst("^id=", ""));
                    boolean known = pipelines.stop(id);
                    respond(exchange, known ? 200 : 404, known ? "{\"status\":\"stopped\"}" : "{\"detail\":\"none\"}");
                }
                default -> respond(exchange, 404, "{\"detail\":\"no such route\"}");
            }
        }
    }

    private void run(HttpExchange exchange, JsonNode body) throws IOException {
        JsonNode link = body.path("link");
        try {
            pipelines.start(
                    UUID.fromString(body.path("id").asString()),
                    URI.create(link.path("ws_url").asString()),
                    link.path("token").asString());
        } catch (IOException e) {
            respond(
                    exchange,
                    502,
                    "{\"detail\":\"" + String.valueOf(e.getMessage()).replace('"', '\'') + "\"}");
            return;
        }
        respond(exchange, 200, "{\"status\":\"ok\"}");
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
