package org.pipecatmanager.adapter.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.fake.FakeControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.StoreException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bytes in, bytes out; the bytes are written down here, not made by the code under test. */
class RequestHandlerTest {
    private static final String ID = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";
    private static final String ZERO = "00000000-0000-0000-0000-000000000000";
    private static final String START =
            "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"publisher\":\"ai-manager\","
                    + "\"data_type\":\"application/json\",\"data\":{\"id\":\"" + ID
                    + "\",\"reference_type\":\"ai_call\","
                    + "\"llm_type\":\"openai.gpt-4o\",\"stt_type\":\"\",\"llm_messages\":[]},\"request_id\":\"r-1\"}";
    private static final String RECORD = "{\"id\":\"" + ID + "\",\"customer_id\":\"" + ZERO + "\",\"activeflow_id\":\""
            + ZERO + "\",\"reference_type\":\"ai_call\",\"reference_id\":\"" + ZERO
            + "\",\"host_id\":\"10.0.0.7\",\"llm_type\":\"openai.gpt-4o\",\"tm_create\":\"2026-01-02T03:04:05.000006Z\","
            + "\"tm_update\":\"2026-01-02T03:04:05.000006Z\",\"tm_delete\":null,\"status\":\"starting\"}";

    private final FakeControl control = new FakeControl("10.0.0.7");
    private final List<String> metered = new CopyOnWriteArrayList<>();
    private final RpcMeter meter = new RpcMeter() {
        @Override
        public void received(String route, String method, int status, Duration took) {
            metered.add(method + " " + route + " " + status);
        }
    };
    private final RequestHandler handler = new RequestHandler(control, new Workload(1), meter);

    @Test
    void a_start_is_answered_with_the_record_key_by_key() {
        assertThat(handled(START))
                .isEqualTo("{\"status_code\":200,\"data_type\":\"application/json\",\"data\":" + RECORD + "}");
        assertThat(metered).containsExactly("POST /v1/pipecatcalls 200");
    }

    @Test
    void a_refusal_is_answered_with_the_platforms_error_key_by_key() {
        assertThat(handled(get("/v1/pipecatcalls/" + ID)))
                .isEqualTo("{\"status_code\":404,\"data_type\":\"voipbin_error\",\"data\":{\"status\":\"NOT_FOUND\","
                        + "\"reason\":\"PIPECATCALL_NOT_FOUND\",\"domain\":\"pipecat-manager\","
                        + "\"message\":\"The pipecat call was not found.\"}}");
        assertThat(metered).containsExactly("GET /v1/pipecatcalls/<pipecatcall-id> 404");
    }

    @Test
    void a_ping_is_answered_with_host_time_and_instance() {
        assertThat(handled(get("/v1/ping")))
                .isEqualTo("{\"status_code\":200,\"data_type\":\"application/json\",\"data\":{\"host_id\":\"10.0.0.7\","
                        + "\"timestamp\":\"2026-01-02T03:04:05.000006Z\",\"instance_id\":\"instance-of-10.0.0.7\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "not json|BAD_JSON",
                "{\"uri\":\"/v1/ping\"|BAD_JSON",
                "[]|BAD_JSON",
                "{\"uri\":\"/v1/ping\",\"method\":\"GET\"} x|BAD_JSON",
                "{\"method\":\"GET\"}|BAD_ENVELOPE",
                "{\"uri\":7,\"method\":\"GET\"}|BAD_ENVELOPE",
                "{\"uri\":\"/v1/ping\"}|BAD_ENVELOPE",
                "{\"uri\":\"/v1/ping\",\"method\":null}|BAD_ENVELOPE",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\"}|NO_BODY",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"data\":null}|NO_BODY",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"data\":[1]}|BAD_JSON",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"data\":\"{}\"}|BAD_JSON",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"data\":{}}|INVALID_FIELD",
                "{\"uri\":\"/v1/pipecatcalls\",\"method\":\"POST\",\"data\":{\"id\":\"x\"}}|INVALID_FIELD",
                "{\"uri\":\"/v1/pipecatcalls?page_size=0\",\"method\":\"GET\"}|INVALID_FIELD",
                "{\"uri\":\"/v1/messages\",\"method\":\"POST\",\"data\":{}}|INVALID_FIELD"
            })
    void what_is_malformed_is_refused_with_400_before_anybody_is_asked(String request, String reason) {
        var answer = json(handled(request));
        assertThat(answer.path("status_code").asInt()).isEqualTo(400);
        assertThat(answer.path("data_type").asString()).isEqualTo("voipbin_error");
        assertThat(answer.path("data").path("status").asString()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("data").path("reason").asString()).isEqualTo(reason);
        assertThat(answer.path("data").path("message").asString()).isNotBlank();
        assertThat(control.asked()).isEmpty();
    }

    @Test
    void a_request_of_more_than_a_mebibyte_is_refused() {
        assertThat(json(handled(START.replace("r-1", "x".repeat(1024 * 1024))))
                        .path("data")
                        .path("reason")
                        .asString())
                .isEqualTo("TOO_LARGE");
        assertThat(control.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/nothing, NO_ROUTE",
        "PUT, /v1/pipecatcalls, METHOD",
        "GET, /v1/messages, METHOD",
        "GET, /v1/pipecatcalls/0D5F1F2E-7C1A-4A53-9C0E-3F5D8C6B7A10, INVALID_ID"
    })
    void what_has_no_route_is_refused_with_404(String method, String uri, String reason) {
        var answer = json(handled("{\"uri\":\"" + uri + "\",\"method\":\"" + method + "\",\"more\":{}}"));
        assertThat(answer.path("status_code").asInt()).isEqualTo(404);
        assertThat(answer.path("data").path("reason").asString()).isEqualTo(reason);
        assertThat(metered).containsExactly(method + " notfound 404");
    }

    @Test
    void a_method_somebody_made_up_is_no_label() {
        handled("{\"uri\":\"/v1/ping\",\"method\":\"X-1\"}");
        assertThat(metered).containsExactly("other notfound 404");
    }

    @Test
    void a_store_that_is_away_is_503_and_a_defect_is_500_without_its_text() {
        control.fail(new StoreException("host db-7 is away", null));
        var away = json(handled(START));
        assertThat(away.path("status_code").asInt()).isEqualTo(503);
        assertThat(away.path("data").path("reason").asString()).isEqualTo("STORE_UNAVAILABLE");
        control.fail(new IllegalStateException("a prompt"));
        var defect = handled(START);
        assertThat(json(defect).path("status_code").asInt()).isEqualTo(500);
        assertThat(json(defect).path("data").path("status").asString()).isEqualTo("INTERNAL");
        assertThat(defect).contains("r-1").doesNotContain("a prompt").doesNotContain("IllegalState");
    }

    @ParameterizedTest
    @CsvSource({"MAX_SESSIONS, true", "STOPPING, true", "STORE_UNAVAILABLE, false"})
    void a_start_for_which_there_is_no_room_goes_back_once(String reason, boolean goesBack) {
        control.fail(RequestException.unavailable(reason, "no"));
        assertThat(handler.handle(START.getBytes(UTF_8), Reach.EVERYWHERE, null, true) == null)
                .isEqualTo(goesBack);
        var last = handler.handle(START.getBytes(UTF_8), Reach.EVERYWHERE, null, false);
        assertThat(new String(Objects.requireNonNull(last), UTF_8)).contains("\"status_code\":503", reason);
        assertThat(metered).endsWith("POST /v1/pipecatcalls 503");
    }

    @Test
    void only_starts_go_back() {
        control.fail(RequestException.unavailable("STOPPING", "no"));
        assertThat(handler.handle(get("/v1/pipecatcalls/" + ID).getBytes(UTF_8), Reach.EVERYWHERE, null, true))
                .isNotNull();
    }

    @Test
    void beyond_the_bound_a_start_is_busy_while_lookups_and_pings_pass() throws Exception {
        var latch = new CountDownLatch(1);
        control.holdStarts(latch);
        var slow = new FutureTask<>(() -> handled(START));
        Thread.ofVirtual().start(slow);
        while (control.startsHeld() == 0) {
            Thread.onSpinWait();
        }
        var busy = json(handled(START));
        assertThat(busy.path("status_code").asInt()).isEqualTo(503);
        assertThat(busy.path("data").path("reason").asString()).isEqualTo("BUSY");
        assertThat(json(handled(get("/v1/ping"))).path("status_code").asInt()).isEqualTo(200);
        assertThat(json(handled(get("/v1/pipecatcalls"))).path("status_code").asInt())
                .isEqualTo(200);
        latch.countDown();
        assertThat(json(slow.get()).path("status_code").asInt()).isEqualTo(200);
        assertThat(json(handled(START)).path("status_code").asInt()).isEqualTo(200);
    }

    @Test
    void a_start_brings_the_trace_of_its_message() {
        handler.handle(START.getBytes(UTF_8), Reach.EVERYWHERE, Events.TRACE, false);
        handler.handle(START.getBytes(UTF_8), Reach.EVERYWHERE, null, false);
        assertThat(control.traces()).containsExactly(Events.TRACE);
    }

    private String handled(String request) {
        return new String(
                Objects.requireNonNull(handler.handle(request.getBytes(UTF_8), Reach.EVERYWHERE, null, false)), UTF_8);
    }

    private static String get(String uri) {
        return "{\"uri\":\"" + uri + "\",\"method\":\"GET\",\"publisher\":\"ai-manager\",\"data_type\":\"\"}";
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
