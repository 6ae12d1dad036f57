package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged daemon and the real runner, called over WebSocket by a client in Python. */
@Tag("e2e")
@Timeout(180)
class BrowserLegE2eTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path PYTHON = HOME.resolve("python-runner/.venv/bin/python");

    @TempDir
    private Path dir = Path.of(".");

    @Test
    void registered_connected_spoken_echoed_and_hung_up() throws Exception {
        try (var daemon = new DaemonProcess(dir, "agents: {echo: {bot: echo}}\n", Map.of())) {
            for (int rate : new int[] {8_000, 16_000}) {
                UUID id = register(daemon);
                EventReader events = daemon.events(id);
                JsonNode report = call(daemon, id, rate, "");
                assertThat(report.path("subprotocol").asString()).isEqualTo("pipecat.audio.v1");
                assertThat(report.path("frame_bytes").toString()).isEqualTo("[" + rate / 25 + "]");
                assertThat(report.path("frames").asInt())
                        .as("one each 20 ms, from the first moment on: %s", report)
                        .isBetween(
                                report.path("expected_frames").asInt() - 10,
                                report.path("expected_frames").asInt() + 3);
                assertThat(report.path("tone").asDouble())
                        .as("the echo, %s", report)
                        .isGreaterThan(0.9);
                assertThat(report.path("said").toString()).isEqualTo("[{\"type\":\"end\",\"reason\":\"hung_up\"}]");
                assertThat(report.path("close_code").asInt()).isEqualTo(1000);
                List<EventReader.Event> all = events.toEnd(DaemonProcess.PATIENCE_SECONDS);
                assertThat(all).extracting(EventReader.Event::type).contains("dtmf_received");
                assertThat(daemon.call(id).path("end_reason").asString()).isEqualTo("caller_hung_up");
                assertThat(refusal(daemon, id)).as("one leg per id, ever").contains("HTTP 409");
            }
            assertThat(refusal(daemon, UUID.randomUUID())).contains("HTTP 404");
            Map<String, Double> metrics = daemon.metrics();
            assertThat(DaemonProcess.closed(metrics, "browser_leg", "hung_up")).isEqualTo(2);
            assertThat(DaemonProcess.opened(metrics, "browser_leg")).isEqualTo(2);
            daemon.awaitNothingOpen();
        }
    }

    @Test
    void where_the_api_wants_a_token_so_does_the_leg() throws Exception {
        try (var daemon = new DaemonProcess(dir, "agents: {echo: {bot: echo}}\n", Map.of("API_TOKEN", "tiger"))) {
            UUID id = UUID.randomUUID();
            assertThat(refusal(daemon, id)).contains("HTTP 401");
            assertThat(run(daemon, id, 16_000, "tiger").error()).contains("HTTP 404");
        }
    }

    private static UUID register(DaemonProcess daemon) throws IOException, InterruptedException {
        String answer = daemon.post("/v1/pipecatcalls", "{\"agent\":\"echo\"}").body();
        return UUID.fromString(JsonMapper.shared().readTree(answer).path("id").asString());
    }

    private JsonNode call(DaemonProcess daemon, UUID id, int rate, String token)
            throws IOException, InterruptedException {
        Said said = run(daemon, id, rate, token);
        assertThat(said.output())
                .as("what the caller says; %s; log: %s", said.error(), daemon.log())
                .startsWith("{");
        return JsonMapper.shared().readTree(said.output());
    }

    private String refusal(DaemonProcess daemon, UUID id) throws IOException, InterruptedException {
        return run(daemon, id, 16_000, "").error();
    }

    private record Said(String output, String error) {}

    private Said run(DaemonProcess daemon, UUID id, int rate, String token) throws IOException, InterruptedException {
        String uri = daemon.uri("/v1/pipecatcalls/" + id + "/audio").toString().replace("http://", "ws://");
        Path error = dir.resolve("caller.log");
        Process caller = new ProcessBuilder(
                        PYTHON.toString(), "src/test/python/browser_caller.py", uri, Integer.toString(rate), "3", token)
                .redirectError(error.toFile())
                .start();
        String output = new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(caller.waitFor(DaemonProcess.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        return new Said(output, Files.readString(error));
    }
}
