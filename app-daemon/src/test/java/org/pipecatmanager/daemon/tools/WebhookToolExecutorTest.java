package org.pipecatmanager.daemon.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.ToolExecutorContract;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ToolExecutor;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

class WebhookToolExecutorTest implements ToolExecutorContract {
    @Override
    public Harness newHarness() {
        return new Server();
    }

    @Test
    void a_server_error_and_429_are_tried_again_and_the_answer_counts() {
        try (var server = new Server()) {
            server.statuses.addAll(List.of(500, 429));
            server.answer(Map.of("balance", 42));
            ToolResult result = server.call(2);
            assertThat(result.data()).isEqualTo(Map.of("balance", 42));
            assertThat(server.attempts()).hasSize(3);
        }
    }

    @Test
    void what_the_server_refuses_is_not_tried_again() {
        try (var server = new Server()) {
            server.statuses.add(400);
            ToolResult result = server.call(3);
            assertThat(result.succeeded()).isFalse();
            assertThat(result.message()).contains("weather", "400");
            assertThat(server.attempts()).hasSize(1);
        }
    }

    @Test
    void the_request_says_which_call_and_carries_the_secret_headers() {
        try (var server = new Server()) {
            server.call(0);
            assertThat(server.bodies.getFirst())
                    .containsEntry("pipecatcall_id", Calls.starting(1).id().toString())
                    .containsEntry("tool_call_id", "t1")
                    .containsEntry("name", "weather");
            assertThat(server.authorizations).containsExactly("Bearer tiger");
        }
    }

    @Test
    void an_answer_that_is_too_long_or_no_json_is_a_failure() {
        try (var server = new Server()) {
            server.text = "x".repeat(300 * 1024);
            assertThat(server.call(3).message()).contains("262144 bytes");
            server.text = "<html>";
            assertThat(server.call(3).message()).contains("not JSON");
            assertThat(server.attempts()).hasSize(2);
        }
    }

    @Test
    void an_empty_answer_is_a_success_without_data() {
        try (var server = new Server()) {
            server.text = "";
            ToolResult result = server.call(0);
            assertThat(result.succeeded()).isTrue();
            assertThat(result.data()).isNull();
        }
    }

    @Test
    void a_server_that_is_not_there_is_a_failure_a_model_can_pass_on() {
        ToolDefinition tool;
        try (var server = new Server()) {
            tool = server.tool();
        }
        try (var executor = new WebhookToolExecutor()) {
            ToolResult result =
                    executor.execute(Calls.starting(1), tool, new ToolCall("t1", "weather", "{}", Map.of()));
            assertThat(result.message()).isEqualTo("the tool weather failed: its server cannot be reached");
        }
    }

    private static final class Server implements Harness {
        private final HttpServer http;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final WebhookToolExecutor executor = new WebhookToolExecutor();
        private final CountDownLatch closing = new CountDownLatch(1);
        private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
        private final List<Integer> statuses = new CopyOnWriteArrayList<>();
        private final List<Map<String, Object>> bodies = new CopyOnWriteArrayList<>();
        private final List<String> authorizations = new CopyOnWriteArrayList<>();
        private volatile String text = "{}";
        private volatile int status = 200;
        private volatile boolean hanging;

        Server() {
            try {
                http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            http.setExecutor(threads);
            http.createContext("/", this::handle);
            http.start();
        }

        @SuppressWarnings("unchecked")
        private void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                Map<String, Object> body = JsonMapper.shared()
                        .readValue(
                                exchange.getRequestBody().readAllBytes(), new TypeReference<Map<String, Object>>() {});
                bodies.add(body);
                authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
                attempts.add(new Attempt(exchange.getRequestHeaders().getFirst("Idempotency-Key"), (Map<String, Object>)
                        body.getOrDefault("arguments", Map.of())));
                if (hanging) {
                    closing.await();
                }
                byte[] answer = text.getBytes(StandardCharsets.UTF_8);
                int code = statuses.isEmpty() ? status : statuses.removeFirst();
                exchange.sendResponseHeaders(code, answer.length == 0 ? -1 : answer.length);
                exchange.getResponseBody().write(answer);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        ToolResult call(int retries) {
            return executor.execute(Calls.starting(1), tool(retries), new ToolCall("t1", "weather", "{}", Map.of()));
        }

        @Override
        public ToolExecutor executor() {
            return executor;
        }

        @Override
        public ToolDefinition tool() {
            return tool(1);
        }

        private ToolDefinition tool(int retries) {
            var webhook = new ToolDefinition.Webhook(
                    "http://127.0.0.1:" + http.getAddress().getPort() + "/weather",
                    "POST",
                    Map.of("Authorization", Secret.of("Bearer tiger")),
                    Duration.ofMillis(900),
                    retries);
            return new ToolDefinition("weather", "", Map.of(), true, false, webhook);
        }

        @Override
        public void answer(Object data) {
            text = JsonMapper.shared().writeValueAsString(data);
        }

        @Override
        public void fail() {
            status = 500;
        }

        @Override
        public void hang() {
            hanging = true;
        }

        @Override
        public List<Attempt> attempts() {
            return attempts;
        }

        @Override
        public void close() {
            closing.countDown();
            executor.close();
            http.stop(0);
            threads.shutdownNow();
        }
    }
}
