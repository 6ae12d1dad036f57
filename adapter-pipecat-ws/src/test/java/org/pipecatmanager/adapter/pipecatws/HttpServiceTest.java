package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.adapter.pipecatws.TestServer.ID;
import static org.pipecatmanager.adapter.pipecatws.TestServer.STRANGER;
import static org.pipecatmanager.adapter.pipecatws.TestServer.TOKEN;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.out.RequestException;

class HttpServiceTest {
    private final CountDownLatch clientGone = new CountDownLatch(1);
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(
                config -> config.withRequestTimeouts(Duration.ofSeconds(5), Duration.ofMillis(700)), this::daemon);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void daemon(HttpExchange exchange) throws IOException {
        switch (exchange.path()) {
            case "/echo" -> {
                exchange.setHeader("X-Method", exchange.method());
                exchange.setHeader("X-Query", String.valueOf(exchange.queryParameter("q")));
                exchange.setHeader("X-Peer", exchange.peer().getAddress().getHostAddress());
                exchange.respond(201, "application/octet-stream", exchange.body());
            }
            case "/refuse" -> throw RequestException.notFound();
            case "/defect" -> throw new IllegalStateException("secret detail");
            case "/events" -> {
                try (OutputStream out = exchange.stream(200, "text/event-stream")) {
                    out.write("id: 1\n\n".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    while (true) {
                        out.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                        out.flush();
                    }
                } catch (IOException e) {
                    clientGone.countDown();
                    throw e;
                }
            }
            default -> exchange.respond(404, "", new byte[0]);
        }
    }

    private HttpResponse<String> send(String method, String path, String body, String token)
            throws IOException, InterruptedException {
        return server.client.send(
                HttpRequest.newBuilder(server.uri(path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void other_paths_are_the_daemons_with_body_headers_query_and_peer() throws Exception {
        var answer = send("PUT", "/echo?q=a%20b", "x".repeat(60_000), "");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).hasSize(60_000);
        assertThat(answer.headers().firstValue("X-Method")).contains("PUT");
        assertThat(answer.headers().firstValue("X-Query")).contains("a b");
        assertThat(answer.headers().firstValue("X-Peer")).contains("127.0.0.1");
        assertThat(send("GET", "/nowhere", "", "").statusCode()).isEqualTo(404);
    }

    @Test
    void a_refusal_carries_its_status_and_a_defect_no_detail() throws Exception {
        var refused = send("GET", "/refuse", "", "");
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body())
                .isEqualTo(
                        "{\"status\":\"NOT_FOUND\",\"reason\":\"PIPECATCALL_NOT_FOUND\",\"domain\":\"pipecat-manager\","
                                + "\"message\":\"The pipecat call was not found.\"}");
        var defect = send("GET", "/defect", "", "");
        assertThat(defect.statusCode()).isEqualTo(500);
        assertThat(defect.body()).contains("\"INTERNAL\"").doesNotContain("secret");
    }

    @Test
    void a_body_over_the_limit_is_413_announced_or_not() throws Exception {
        String tooMuch = "x".repeat(PipecatWsConfig.MAX_MESSAGE_BYTES + 1);
        assertThat(server.exchange(
                        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + tooMuch.length() + "\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        String chunk = Integer.toHexString(tooMuch.length()) + "\r\n" + tooMuch + "\r\n";
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
                            .readLine())
                    .startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void a_body_that_does_not_come_does_not_hold_its_connection() throws Exception {
        assertThat(server.exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"))
                .startsWith("HTTP/1.1 408 ");
        server.http.awaitAllClosed(1);
    }

    @Test
    void a_tool_call_reaches_the_session_and_its_result_the_runner() throws Exception {
        var answer = send(
                "POST",
                "/" + ID + "/tools",
                "{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}}",
                TOKEN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo("{\"tool_call_id\":\"t1\",\"result\":\"success\",\"message\":\"\",\"resource_type\":\"\","
                        + "\"resource_id\":\"\",\"data\":[\"sunny\"]}");
        assertThat(server.callbacks)
                .containsExactly(
                        new ToolCall("t1", "weather", "{\"city\":\"Oslo\"}", java.util.Map.of("city", "Oslo")));
    }

    @Test
    void a_member_switch_reaches_the_session() throws Exception {
        var answer = send(
                "POST",
                "/" + ID + "/member-switched",
                "{\"transition_function_name\":\"to_sales\",\"from_member\":{\"id\":\"0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a0a\",\"name\":\"Ann\"},"
                        + "\"to_member\":{\"id\":\"0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a0b\",\"name\":\"Bob\",\"engine_model\":\"m\",\"tts_type\":\"t\",\"tts_voice_id\":\"v\",\"stt_type\":\"s\"}}",
                TOKEN);
        assertThat(answer.body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(server.callbacks)
                .containsExactly(List.of(
                        "to_sales",
                        new Member("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a0a", "Ann", "", "", "", ""),
                        new Member("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a0b", "Bob", "m", "t", "v", "s")));
    }

    @Test
    void callbacks_that_are_wrong_get_a_status_that_says_how() throws Exception {
        String call = "{\"id\":\"t1\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}";
        assertThat(send("POST", "/" + ID + "/tools", call, "wrong").statusCode())
                .isEqualTo(401);
        assertThat(send("POST", "/" + ID + "/tools", call, "").statusCode()).isEqualTo(401);
        assertThat(send("POST", "/" + STRANGER + "/tools", call, TOKEN).statusCode())
                .isEqualTo(404);
        assertThat(send("POST", "/abc/tools", call, TOKEN).statusCode()).isEqualTo(400);
        assertThat(send("POST", "/" + ID + "/tools", "{", TOKEN).statusCode()).isEqualTo(400);
        assertThat(send("POST", "/" + ID + "/tools", "{\"id\":\"t1\"}", TOKEN).body())
                .startsWith("{\"error\":\"function.name is missing");
        assertThat(send("GET", "/" + ID + "/tools", "", TOKEN).statusCode()).isEqualTo(400);
        assertThat(send("GET", "/" + ID + "/ws", "", TOKEN).statusCode()).isEqualTo(400);
        assertThat(server.callbacks).isEmpty();
    }

    @Test
    void events_leave_at_once_and_the_writer_learns_that_the_client_is_gone() throws Exception {
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(lines.lines().filter(line -> line.startsWith("id:")).findFirst())
                    .contains("id: 1");
        }
        assertThat(clientGone.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        server.http.awaitAllClosed(1);
    }

    @Test
    void a_client_that_posts_first_can_open_a_link_next() throws Exception {
        send("POST", "/echo", "x", "");
        var listener = new java.net.http.WebSocket.Listener() {};
        var socket = server.client
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + TOKEN)
                .buildAsync(
                        java.net.URI.create(
                                "ws://127.0.0.1:" + server.server.address().getPort() + "/" + ID + "/ws"),
                        listener)
                .get();
        socket.abort();
    }

    @Test
    void five_hundred_posts_at_once_are_all_answered_and_none_stays_open() throws Exception {
        server.close();
        server = new TestServer(config -> config, this::daemon);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            answers.add(server.client.sendAsync(
                    HttpRequest.newBuilder(server.uri("/echo"))
                            .POST(BodyPublishers.ofString("n" + i))
                            .build(),
                    BodyHandlers.ofString()));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get().body()).isEqualTo("n" + i);
        }
        server.http.awaitAllClosed(500);
    }
}
