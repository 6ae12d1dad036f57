package org.pipecatmanager.adapter.pipecatws;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pipecatmanager.ports.model.Secret;

/** A runner's HTTP side: records what it is asked, answers what it is told to. */
final class TestRunnerHttp implements AutoCloseable {
    final List<String> runs = new CopyOnWriteArrayList<>();
    final List<String> stops = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    volatile int runStatus = 200;
    volatile String runAnswer = "{\"status\":\"ok\",\"message\":\"started\"}";
    volatile String providers = "{\"llm\":[],\"stt\":[],\"tts\":[]}";
    volatile String health = "{\"status\":\"ok\"}";
    volatile URI advertised = URI.create("http://10.0.0.1:8080");
    final HttpRunnerLauncher launcher;
    private final HttpServer server;

    TestRunnerHttp() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            String answer = switch (exchange.getRequestURI().getPath()) {
                case "/run" -> {
                    runs.add(body);
                    yield runAnswer;
                }
                case "/stop" -> {
                    stops.add(exchange.getRequestURI().getQuery());
                    yield "{\"detail\":\"no such session\"}";
                }
                case "/providers" -> providers;
                default -> health;
            };
            int status = switch (exchange.getRequestURI().getPath()) {
                case "/run" -> runStatus;
                case "/stop" -> 404;
                default -> 200;
            };
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        launcher = new HttpRunnerLauncher(() -> Optional.of(uri), Secret.of("runner-token"), () -> advertised);
    }

    void disappear() {
        server.stop(0);
    }

    @Override
    public void close() {
        launcher.close();
        server.stop(0);
    }
}
