package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.daemon.http.ApiAccess;
import org.pipecatmanager.daemon.http.ApiHarness;
import org.pipecatmanager.ports.model.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ControlMainTest {
    private static final String STRANGER = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";

    private final ApiHarness api;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    ControlMainTest() throws IOException {
        api = new ApiHarness(new ApiAccess(Secret.of("tiger"), true));
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void a_call_is_started_shown_listed_and_ended() {
        assertThat(control("start", "--agent", "echo")).isZero();
        String id = answer().path("id").asString();
        assertThat(control("get", "--id", id)).isZero();
        assertThat(answer().path("agent").asString()).isEqualTo("echo");
        assertThat(control("list", "--page-size", "1")).isZero();
        assertThat(answer().path("result")).hasSize(1);
        assertThat(control("terminate", "--id", id)).isZero();
        assertThat(answer().path("id").asString()).isEqualTo(id);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void the_providers_of_the_runner_are_listed_with_what_they_lack() {
        Map<String, String> environment =
                Map.of("PIPECAT_MANAGER_URL", api.uri("").toString(), "API_TOKEN", "tiger");
        assertThat(execute(environment, "providers")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("openai +not configured: set OPENAI_API_KEY")
                .containsPattern("whisper +ready")
                .containsPattern("piper +not installed: dev/python-setup.sh offline");
        out.reset();
        assertThat(execute(environment, "providers", "--json")).isZero();
        assertThat(answer().path("stt").path(0).path("name").asString()).isEqualTo("whisper");
    }

    @Test
    void what_the_daemon_refuses_ends_with_1_and_its_words_on_stderr() {
        assertThat(control("get", "--id", STRANGER)).isEqualTo(1);
        assertThat(out.size()).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("404", "PIPECATCALL_NOT_FOUND");
        assertThat(control("send-message", "--id", STRANGER, "--message-text", "hello", "--run-immediately"))
                .isEqualTo(1);
    }

    @Test
    void a_daemon_that_is_not_there_is_named() {
        URI gone = api.uri("");
        api.close();
        assertThat(control(gone, "list")).isEqualTo(3);
        assertThat(out.size()).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("did not answer", "--server");
    }

    @Test
    void a_call_is_shown_to_people_and_to_machines() {
        assertThat(control("start", "--agent=echo", "--llm_type", "openai.gpt")).isZero();
        String id = answer().path("id").asString();
        assertThat(control("show", "--id", id)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("call " + id)
                .contains("agent", "echo");
        assertThat(control("show", "--id", id, "--json")).isZero();
        assertThat(answer().path("pipecatcall").path("llm_type").asString()).isEqualTo("openai.gpt");
        assertThat(answer().path("messages").isArray()).isTrue();
        assertThat(answer().path("turns").isArray()).isTrue();
    }

    @Test
    void where_the_daemon_listens_is_where_it_is_asked() {
        Map<String, String> environment =
                Map.of("HTTP_LISTEN_ADDRESS", api.uri("").getAuthority(), "API_TOKEN", "tiger");
        assertThat(execute(environment, "pipecatcall", "list")).isZero();
        assertThat(answer().path("result").isArray()).isTrue();
    }

    @Test
    void a_shell_is_told_what_can_be_completed() {
        assertThat(ControlMain.commandLine(
                                Map.of(),
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8))
                        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                        .execute("generate-completion"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("pipecat-control", "send-message", "--reference-type", "--reference_type");
    }

    @Test
    void wrong_usage_ends_with_2() {
        assertThat(control("get")).isEqualTo(2);
        assertThat(control("dance")).isEqualTo(2);
    }

    private int control(String command, String... options) {
        return control(api.uri(""), command, options);
    }

    private int control(URI server, String command, String... options) {
        out.reset();
        Map<String, String> variables = Map.of("PIPECAT_MANAGER_URL", server.toString(), "API_TOKEN", "tiger");
        String[] arguments = new String[options.length + 2];
        arguments[0] = "pipecatcall";
        arguments[1] = command;
        System.arraycopy(options, 0, arguments, 2, options.length);
        return execute(variables, arguments);
    }

    private int execute(Map<String, String> variables, String... arguments) {
        return ControlMain.commandLine(
                        variables,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .execute(arguments);
    }

    private JsonNode answer() {
        return JsonMapper.shared().readTree(out.toByteArray());
    }
}
