package org.pipecatmanager.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.daemon.http.ApiHarness.json;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.Recordings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ControlApiTest {
    private static final String STRANGER = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";

    private final ApiHarness api;

    ControlApiTest() throws IOException {
        api = ApiHarness.open();
    }

    @BeforeEach
    void ready() {
        api.readiness().started();
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void a_start_without_an_id_makes_one_and_get_list_and_stop_know_it() throws Exception {
        HttpResponse<String> started = api.post("/v1/pipecatcalls", "{\"agent\":\"echo\"}");
        assertThat(started.statusCode()).isEqualTo(200);
        String id = json(started).path("id").asString();
        assertThat(id).hasSize(36);
        assertThat(json(started).path("status").asString()).isEqualTo("starting");
        assertThat(json(api.get("/v1/pipecatcalls/" + id)).path("agent").asString())
                .isEqualTo("echo");
        assertThat(json(api.get("/v1/pipecatcalls?page_size=5"))
                        .path("result")
                        .get(0)
                        .path("id")
                        .asString())
                .isEqualTo(id);
        assertThat(api.post("/v1/pipecatcalls/" + id + "/stop", "").statusCode())
                .isEqualTo(200);
        assertThat(events(id, 0).getLast()).contains("pipecatcall_terminated", "requested");
        assertThat(json(api.get("/v1/pipecatcalls?status=ended")).path("result"))
                .hasSize(1);
    }

    @Test
    void a_repeated_start_answers_the_same_record_and_another_body_is_refused() throws Exception {
        String body = "{\"id\":\"" + STRANGER + "\",\"agent\":\"echo\"}";
        assertThat(api.post("/v1/pipecatcalls", body).statusCode()).isEqualTo(200);
        assertThat(api.post("/v1/pipecatcalls", body).statusCode()).isEqualTo(200);
        HttpResponse<String> other =
                api.post("/v1/pipecatcalls", "{\"id\":\"" + STRANGER + "\",\"agent\":\"echo\",\"llm_type\":\"x\"}");
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(json(other).path("status").asString()).isEqualTo("ALREADY_EXISTS");
    }

    @Test
    void a_call_is_in_the_trace_of_the_request_that_started_it_unless_its_header_is_malformed() throws Exception {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(traceOfStart("00-" + traceId + "-00f067aa0ba902b7-01")).isEqualTo(traceId);
        assertThat(traceOfStart("00-" + traceId + "-0000000000000000-01")).isNotEqualTo(traceId);
    }

    private String traceOfStart(String traceparent) throws Exception {
        HttpResponse<String> started = api.send(api.request("/v1/pipecatcalls")
                .header("Traceparent", traceparent)
                .POST(HttpRequest.BodyPublishers.ofString("{\"agent\":\"echo\"}")));
        PipecatcallId id = PipecatcallId.parse(json(started).path("id").asString());
        return api.launched(id).trace().traceId();
    }

    @Test
    void ping_answers_who_and_when() throws Exception {
        assertThat(json(api.get("/v1/ping")).path("host_id").asString()).isEqualTo("local");
        assertThat(json(api.get("/v1/ping")).path("timestamp").asString()).endsWith("Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET|/v1/pipecatcalls/" + STRANGER + "||404|PIPECATCALL_NOT_FOUND",
                "GET|/v1/pipecatcalls/" + STRANGER + "/events||404|PIPECATCALL_NOT_FOUND",
                "GET|/v1/pipecatcalls/" + STRANGER + "/messages||404|PIPECATCALL_NOT_FOUND",
                "GET|/v1/pipecatcalls/" + STRANGER + "/turns||404|PIPECATCALL_NOT_FOUND",
                "GET|/v1/pipecatcalls/" + STRANGER + "/levels||404|CALL_NOT_LIVE",
                "GET|/v1/pipecatcalls/NOT-AN-ID/levels||400|INVALID_ID",
                "GET|/v1/pipecatcalls/" + STRANGER + "/recording||404|RECORDING_NOT_FOUND",
                "DELETE|/v1/pipecatcalls/" + STRANGER + "/recording||405|METHOD",
                "POST|/v1/agents|{}|405|METHOD",
                "PUT|/v1/pipecatcalls/" + STRANGER + "/events||405|METHOD",
                "GET|/v1/pipecatcalls/NOT-AN-ID/events||400|INVALID_ID",
                "GET|/before/v1/ping||404|NO_ROUTE",
                "POST|/v1/pipecatcalls/" + STRANGER + "/stop||404|PIPECATCALL_NOT_FOUND",
                "GET|/v1/pipecatcalls/NOT-AN-ID||400|INVALID_ID",
                "GET|/v1/pipecatcalls?page_size=0||400|INVALID_FIELD",
                "GET|/v1/pipecatcalls?status=lost||400|INVALID_FIELD",
                "POST|/v1/pipecatcalls|{\"agent\":|400|BAD_JSON",
                "POST|/v1/pipecatcalls|[1]|400|BAD_JSON",
                "POST|/v1/pipecatcalls||400|NO_BODY",
                "POST|/v1/pipecatcalls|{\"id\":5}|400|INVALID_FIELD",
                "POST|/v1/messages|{}|400|INVALID_FIELD",
                "DELETE|/v1/pipecatcalls||405|METHOD",
                "GET|/v1/nothing||404|NO_ROUTE"
            })
    void what_cannot_be_answered_is_refused_with_the_platforms_error_object(
            String method, String path, @Nullable String body, int status, String reason) throws Exception {
        HttpResponse<String> answer = api.send(
                api.request(path).method(method, HttpRequest.BodyPublishers.ofString(body == null ? "" : body)));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("reason").asString()).isEqualTo(reason);
        assertThat(json(answer).path("domain").asString()).isEqualTo("pipecat-manager");
        assertThat(json(answer).path("message").asString()).isNotBlank();
    }

    @Test
    void a_body_beyond_a_mebibyte_is_refused() throws Exception {
        assertThat(api.post("/v1/pipecatcalls", "x".repeat(1_100_000)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void a_web_page_in_a_browser_on_this_machine_is_kept_out() throws Exception {
        HttpResponse<String> form = api.send(HttpRequest.newBuilder(api.uri("/v1/pipecatcalls"))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{\"agent\":\"echo\"}")));
        assertThat(form.statusCode()).isEqualTo(415);
        assertThat(statusWithHost("evil.example")).contains(" 403 ");
        assertThat(statusWithHost("127.0.0.1.evil.example")).contains(" 403 ");
        assertThat(statusWithHost("localhost:" + api.uri("/").getPort())).contains(" 200 ");
        assertThat(statusWithHost("[::1]:1")).contains(" 200 ");
    }

    @Test
    void with_a_token_only_its_bearer_may_ask_but_health_is_for_everybody() throws Exception {
        try (var guarded = new ApiHarness(new ApiAccess(Secret.of("tiger"), false))) {
            assertThat(guarded.get("/v1/ping").statusCode()).isEqualTo(401);
            assertThat(guarded.send(guarded.request("/v1/ping").header("Authorization", "Bearer lion"))
                            .statusCode())
                    .isEqualTo(401);
            assertThat(guarded.send(guarded.request("/v1/ping").header("Authorization", "bearer tiger"))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(guarded.get("/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void levels_of_a_live_call_come_until_it_ends() throws Exception {
        String id = json(api.post("/v1/pipecatcalls", "{\"agent\":\"echo\"}"))
                .path("id")
                .asString();
        HttpResponse<InputStream> answer = HttpClient.newHttpClient()
                .send(api.request("/v1/pipecatcalls/" + id + "/levels").build(), BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("event: levels");
            JsonNode levels = JsonMapper.shared().readTree(lines.readLine().substring("data: ".length()));
            assertThat(levels.path("caller_dbfs").asDouble()).isEqualTo(-96.0);
            assertThat(levels.path("playing").asBoolean(true)).isFalse();
            assertThat(levels.path("at").asString()).endsWith("Z");
            api.post("/v1/pipecatcalls/" + id + "/stop", "");
            assertThat(lines.lines().toList()).isNotEmpty();
        }
    }

    @Test
    void a_recording_is_sent_as_the_file_it_is() throws Exception {
        PipecatcallId id = PipecatcallId.parse(STRANGER);
        Recordings.Recording recording = api.recordings.begin(id, 8_000);
        recording.write(new short[] {1, 2, 3, 4}, 0, 4);
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(api.request("/v1/pipecatcalls/" + id + "/recording").build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(answer.headers().firstValue("Content-Length")).contains("52");
        assertThat(answer.headers().firstValue("Recording-Complete")).contains("false");
        assertThat(answer.body()).hasSize(52).startsWith('R', 'I', 'F', 'F').endsWith(1, 0, 2, 0, 3, 0, 4, 0);
        recording.close();
        assertThat(api.get("/v1/pipecatcalls/" + id + "/recording").headers().firstValue("Recording-Complete"))
                .contains("true");
    }

    @Test
    void agents_are_told_without_what_they_hold() throws Exception {
        assertThat(api.get("/v1/agents").body())
                .isEqualTo(
                        "{\"result\":[{\"name\":\"echo\",\"bot\":\"echo\",\"default\":false,\"recording\":\"off\"}]}");
    }

    @Test
    void readiness_follows_the_daemons_life() throws Exception {
        assertThat(api.get("/readyz").statusCode()).isEqualTo(200);
        api.readiness().stopping();
        HttpResponse<String> stopping = api.get("/readyz");
        assertThat(stopping.statusCode()).isEqualTo(503);
        assertThat(json(stopping).path("status").asString()).isEqualTo("stopping");
        assertThat(api.get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void events_before_the_subscription_are_replayed_and_a_client_resumes_where_it_was() throws Exception {
        String id = json(api.post("/v1/pipecatcalls", "{\"agent\":\"echo\"}"))
                .path("id")
                .asString();
        api.post("/v1/pipecatcalls/" + id + "/stop", "");
        List<String> all = events(id, 0);
        assertThat(all.getFirst())
                .startsWith("id: 1\nevent: pipecatcall_created\ndata: {\"type\":\"pipecatcall_created\"");
        assertThat(all.getLast()).contains("event: pipecatcall_terminated");
        assertThat(all).allMatch(event -> event.matches("(?s).*,\"tm_event\":\"20[-0-9]{8}T[:0-9]{8}\\.[0-9]{6}Z\"}"));
        assertThat(events(id, 1)).isEqualTo(all.subList(1, all.size()));
        assertThat(events(id, all.size())).isEmpty();
        HttpResponse<String> wrong =
                api.send(api.request("/v1/pipecatcalls/" + id + "/events").header("Last-Event-ID", "last"));
        assertThat(wrong.statusCode()).isEqualTo(400);
    }

    /** The whole stream up to its end, comments left out. */
    private List<String> events(String id, int after) throws Exception {
        HttpResponse<String> stream = api.send(
                api.request("/v1/pipecatcalls/" + id + "/events").header("Last-Event-ID", Integer.toString(after)));
        assertThat(stream.headers().firstValue("Content-Type")).contains("text/event-stream");
        return List.of(stream.body().split("\n\n", -1)).stream()
                .filter(event -> event.startsWith("id: "))
                .toList();
    }

    private String statusWithHost(String host) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), api.uri("/").getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("GET /v1/ping HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }
}
