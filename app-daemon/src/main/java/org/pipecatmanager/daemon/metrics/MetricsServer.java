package org.pipecatmanager.daemon.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.http.Readiness;
import tools.jackson.databind.json.JsonMapper;

/** Serves metrics and health, and nothing else; each request on a virtual thread. */
public final class MetricsServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService requests = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("metrics-", 0).factory());

    private MetricsServer(HttpServer server) {
        this.server = server;
        server.setExecutor(requests);
    }

    /**
     * Listens and serves.
     *
     * @param path of the metrics
     * @throws IOException the address cannot be listened on
     */
    public static MetricsServer start(HostPort address, String path, PrometheusRegistry registry, Readiness readiness)
            throws IOException {
        HttpServer http;
        try {
            http = HttpServer.create(address.toSocketAddress(), 0);
        } catch (IOException e) {
            throw new IOException(
                    "PROMETHEUS_LISTEN_ADDRESS is " + address + ", where nothing can listen (" + e.getMessage()
                            + "); end what uses it, or set another address",
                    e);
        }
        MetricsServer server = new MetricsServer(http);
        PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
        http.createContext("/", exchange -> {
            String wanted = exchange.getRequestURI().getPath();
            if (wanted.equals(path)) {
                var out = new ByteArrayOutputStream();
                writer.write(out, registry.scrape());
                respond(exchange, 200, writer.getContentType(), out.toByteArray());
            } else if (wanted.equals("/healthz")) {
                text(exchange, 200, "{\"status\":\"ok\"}");
            } else if (wanted.equals("/readyz")) {
                Readiness.Report report = readiness.report();
                text(exchange, report.httpStatus(), JsonMapper.shared().writeValueAsString(report.toMap()));
            } else {
                text(exchange, 404, "{\"message\":\"metrics are at " + path + "\"}");
            }
        });
        http.start();
        return server;
    }

    /** Where it listens, with the real port. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Cuts what is under way. Idempotent. */
    @Override
    public void close() {
        server.stop(0);
        requests.shutdownNow();
    }

    private static void text(HttpExchange exchange, int status, String json) throws IOException {
        respond(exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    private static void respond(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
