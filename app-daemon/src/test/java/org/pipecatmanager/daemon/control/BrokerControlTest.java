package org.pipecatmanager.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the command line asks of which queue, with scripted answers. */
class BrokerControlTest {
    private static final String SHARED = "bin-manager.pipecat-manager.request";
    private static final String ID = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";
    private static final String RECORD = "{\"id\":\"" + ID + "\",\"host_id\":\"10.1.2.3\"}";

    private final List<String> asked = new ArrayList<>();
    private final Deque<Rpc.Answer> answers = new ArrayDeque<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private JsonNode body = JsonMapper.shared().missingNode();
    private boolean closed;

    @Test
    void a_record_comes_from_the_shared_queue() {
        answer(200, RECORD);
        assertThat(control("get", "--id", ID)).isZero();
        assertThat(asked).containsExactly(SHARED + " GET /v1/pipecatcalls/" + ID);
        assertThat(JsonMapper.shared().readTree(out.toByteArray()))
                .isEqualTo(JsonMapper.shared().readTree(RECORD));
        assertThat(closed).isTrue();
    }

    @Test
    void a_list_takes_its_filters_along() {
        answer(200, "{\"result\":[]}");
        assertThat(control("list", "--page-size", "5", "--host_id", "10.1.2.3")).isZero();
        assertThat(asked).containsExactly(SHARED + " GET /v1/pipecatcalls?page_size=5&host_id=10.1.2.3");
    }

    @Test
    void a_start_without_an_id_gets_one() {
        answer(200, RECORD);
        assertThat(control(
                        "start",
                        "--reference_type=ai_call",
                        "--reference-id=" + ID,
                        "--tts_voice_id=v",
                        "--llm-type=openai.gpt"))
                .isZero();
        assertThat(asked).containsExactly(SHARED + " POST /v1/pipecatcalls");
        assertThat(UUID.fromString(body.path("id").asString()).version()).isEqualTo(4);
        assertThat(body.path("reference_type").asString()).isEqualTo("ai_call");
        assertThat(body.path("tts_voice_id").asString()).isEqualTo("v");
        answer(200, RECORD);
        assertThat(control("start", "--id", ID)).isZero();
        assertThat(body.path("id").asString()).isEqualTo(ID);
    }

    @Test
    void a_call_is_ended_on_the_host_that_owns_it() {
        answer(200, RECORD);
        answer(200, RECORD);
        assertThat(control("terminate", "--id", ID)).isZero();
        assertThat(asked)
                .containsExactly(
                        SHARED + " GET /v1/pipecatcalls/" + ID,
                        SHARED + ".10.1.2.3 POST /v1/pipecatcalls/" + ID + "/stop");
    }

    @Test
    void a_message_goes_to_the_owner_in_either_spelling() {
        for (String flag : List.of("--message", "--message-text", "--message_text")) {
            answer(200, RECORD);
            answer(200, "{\"text\":\"hello\"}");
            assertThat(control("send-message", "--id", ID, flag, "hello", "--run_immediately", "--message_id", "m"))
                    .isZero();
            assertThat(asked.getLast()).isEqualTo(SHARED + ".10.1.2.3 POST /v1/messages");
            assertThat(body.path("pipecatcall_id").asString()).isEqualTo(ID);
            assertThat(body.path("message_text").asString()).isEqualTo("hello");
            assertThat(body.path("message_id").asString()).isEqualTo("m");
            assertThat(body.path("run_immediately").asBoolean()).isTrue();
            assertThat(body.has("audio_response")).isFalse();
        }
    }

    @Test
    void a_refusal_ends_with_1_and_no_answer_with_3() {
        answer(404, "{\"reason\":\"PIPECATCALL_NOT_FOUND\",\"message\":\"unknown\"}");
        assertThat(control("terminate", "--id", ID)).isEqualTo(1);
        assertThat(asked).hasSize(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("error: 404 PIPECATCALL_NOT_FOUND: unknown\n");
        assertThat(control("get", "--id", ID)).isEqualTo(3);
        assertThat(out.size()).isZero();
        assertThat(closed).isTrue();
    }

    @Test
    void an_answer_without_a_body_is_a_refusal_all_the_same() {
        answers.add(new Rpc.Answer(500, JsonMapper.shared().nullNode()));
        assertThat(control("get", "--id", ID)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("error: 500: no message\n");
    }

    @Test
    void flags_of_the_service_that_is_replaced_do_no_harm() {
        answer(200, RECORD);
        assertThat(control("get", "--id", ID, "--database_dsn=x", "--redis-address=y", "--prometheus_endpoint=/z"))
                .isZero();
    }

    private void answer(int status, String json) {
        answers.add(new Rpc.Answer(status, JsonMapper.shared().readTree(json)));
    }

    private int control(String command, String... options) {
        List<String> arguments = new ArrayList<>(List.of("pipecatcall", command));
        arguments.addAll(List.of(options));
        return ControlCommand.line(
                        Map.of("RABBITMQ_ADDRESS", "amqp://rabbit"),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> new String[0],
                        this::connect)
                .execute(arguments.toArray(String[]::new));
    }

    private Rpc connect(Secret address) {
        assertThat(address.reveal()).isEqualTo("amqp://rabbit");
        closed = false;
        return new Rpc() {
            @Override
            public Answer call(String queue, String method, String path, @Nullable Map<String, ?> data)
                    throws ControlFailure {
                asked.add(queue + " " + method + " " + path);
                body = JsonMapper.shared().valueToTree(data);
                if (answers.isEmpty()) {
                    throw ControlFailure.unreached("nobody answered", null);
                }
                return answers.remove();
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }
}
