package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The embedded default as packaged, ended and started again on the same folder. */
@Tag("e2e")
@Timeout(240)
class RestartE2eTest {
    private static final String AGENTS = "default_agent: echo\nagents: {echo: {bot: echo}}\n";

    @TempDir
    private Path dir = Path.of(".");

    @Test
    void records_outlive_the_process_and_what_a_crash_left_open_is_closed_as_host_lost() throws Exception {
        try (StandInRunner runner = new StandInRunner()) {
            Map<String, String> settings = Map.of(
                    "RUNNER_URL",
                    runner.url().toString(),
                    "RUNNER_TOKEN",
                    StandInRunner.TOKEN,
                    "DRAIN_TIMEOUT",
                    "500ms");
            String crashed;
            try (DaemonProcess daemon = new DaemonProcess(dir, AGENTS, settings)) {
                crashed = start(daemon);
                assertThat(call(daemon, crashed).path("status").asString()).isEqualTo("starting");
                daemon.kill();
            }
            String drained;
            try (DaemonProcess daemon = new DaemonProcess(dir, AGENTS, settings)) {
                assertEnded(call(daemon, crashed), "host_lost");
                drained = start(daemon);
            }
            try (DaemonProcess daemon = new DaemonProcess(dir, AGENTS, settings)) {
                assertEnded(call(daemon, drained), "shutdown");
                assertEnded(call(daemon, crashed), "host_lost");
                JsonNode list = json(daemon.get("/v1/pipecatcalls").body());
                assertThat(list.path("result")).hasSize(2);
                assertThat(list.path("result").get(0).path("id").asString()).isEqualTo(drained);
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("data/pipecat.mv.db"))))
                .isEqualTo("rw-------");
    }

    private static String start(DaemonProcess daemon) throws Exception {
        return json(daemon.post("/v1/pipecatcalls", "{\"agent\":\"echo\"}").body())
                .path("id")
                .asString();
    }

    private static JsonNode call(DaemonProcess daemon, String id) throws Exception {
        return json(daemon.get("/v1/pipecatcalls/" + id).body());
    }

    private static void assertEnded(JsonNode call, String reason) {
        assertThat(call.path("status").asString()).isEqualTo("ended");
        assertThat(call.path("end_reason").asString()).isEqualTo(reason);
        assertThat(call.path("tm_end").asString()).isNotEmpty();
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
