package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The daemon as a process with the real runner as its child, called over AudioSocket; what ends a call ends it once. */
@Tag("e2e")
@Timeout(180)
class DaemonE2eTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final int PATIENCE_SECONDS = 30;

    @TempDir
    private Path dir = Path.of(".");

    private final HttpClient client = HttpClient.newHttpClient();
    private Process daemon = new ProcessBuilder("true").start();
    private JsonNode ready = JsonMapper.shared().createObjectNode();

    DaemonE2eTest() throws IOException {}

    @BeforeEach
    void start() throws Exception {
        Path python = HOME.resolve("python-runner/.venv/bin/python");
        assertThat(python)
                .as("the runner's environment; make it by dev/python-setup.sh")
                .isExecutable();
        Path agents =
                Files.writeString(dir.resolve("agents.yaml"), "default_agent: echo\nagents: {echo: {bot: echo}}\n");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dpipecat-manager.home=" + HOME,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run")
                .redirectError(dir.resolve("daemon.log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "AGENTS_FILE", agents.toString(),
                        "DATA_DIR", dir.resolve("data").toString(),
                        "HTTP_LISTEN_ADDRESS", "127.0.0.1:0",
                        "AUDIOSOCKET_LISTEN_ADDRESS", "127.0.0.1:0",
                        "PROMETHEUS_LISTEN_ADDRESS", "127.0.0.1:0",
                        "RUNNER_RETRIES", "0",
                        "DRAIN_TIMEOUT", "500ms"));
        daemon = builder.start();
        BufferedReader lines = daemon.inputReader();
        String line = lines.readLine();
        assertThat(line).as("the ready line; log: %s", log()).isNotNull();
        ready = JsonMapper.shared().readTree(line);
    }

    @AfterEach
    void stop() throws Exception {
        daemon.destroy();
        if (!daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            daemon.destroyForcibly();
        }
        client.shutdownNow();
    }

    @Test
    void a_caller_hears_himself_through_everything_and_hangs_up() throws Exception {
        UUID id = UUID.randomUUID();
        try (var caller = caller(id)) {
            assertThat(caller.heardItself(PATIENCE_SECONDS))
                    .as("the echo; log: %s", log())
                    .isTrue();
            caller.hangUp();
            assertEndedOnce(id, "caller_hung_up");
        }
        assertNothingLeft();
    }

    @Test
    void a_leg_that_is_reset_ends_the_call_as_a_hangup_does() throws Exception {
        UUID id = UUID.randomUUID();
        try (var caller = caller(id)) {
            assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
            caller.breakOff();
        }
        assertEndedOnce(id, "caller_hung_up");
        assertNothingLeft();
    }

    @Test
    void a_leg_that_reports_an_error_ends_the_call_as_leg_lost() throws Exception {
        UUID id = UUID.randomUUID();
        try (var caller = caller(id)) {
            assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
            caller.fail();
            assertEndedOnce(id, "leg_lost");
        }
        assertNothingLeft();
    }

    @Test
    void a_runner_that_is_killed_ends_the_call_and_the_next_one_has_a_new_runner() throws Exception {
        UUID id = UUID.randomUUID();
        try (var caller = caller(id)) {
            assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
            runner().destroyForcibly();
            assertThat(caller.wasHungUp(PATIENCE_SECONDS)).isTrue();
            assertEndedOnce(id, "runner_lost");
        }
        await("a new runner", () -> get("/readyz").contains("\"ready\""));
        try (var next = caller(UUID.randomUUID())) {
            assertThat(next.heardItself(PATIENCE_SECONDS))
                    .as("the new runner's echo; log: %s", log())
                    .isTrue();
        }
        assertNothingLeft();
    }

    @Test
    void sigterm_in_the_middle_of_a_call_hangs_up_in_order_and_exits_with_0() throws Exception {
        UUID id = UUID.randomUUID();
        try (var caller = caller(id)) {
            assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
            ProcessHandle runner = runner();
            daemon.destroy();
            assertThat(caller.wasHungUp(PATIENCE_SECONDS))
                    .as("hung up; log: %s", log())
                    .isTrue();
            assertThat(daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(daemon.exitValue()).isZero();
            runner.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_folder_in_use_is_named_and_ends_the_start_with_1() throws Exception {
        ProcessBuilder second = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run",
                        "--data-dir=" + dir.resolve("data"),
                        "--http-listen-address=127.0.0.1:0",
                        "--audiosocket-listen-address=127.0.0.1:0",
                        "--prometheus-listen-address=127.0.0.1:0",
                        "--agents-file=" + dir.resolve("agents.yaml"))
                .redirectErrorStream(true);
        Process process = second.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said).contains("error: ").contains(dir.resolve("data").toString());
    }

    @Test
    void an_address_in_use_is_named_and_ends_the_start_with_1() throws Exception {
        ProcessBuilder second = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run",
                        "--http_listen_address=" + ready.path("http").asString(),
                        "--runner-url=http://127.0.0.1:1",
                        "--data-dir=" + dir.resolve("second"),
                        "--prometheus-listen-address=127.0.0.1:0",
                        "--agents-file=" + dir.resolve("agents.yaml"))
                .redirectErrorStream(true);
        Process process = second.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said).contains("error: cannot listen on").contains("HTTP_LISTEN_ADDRESS");
    }

    private AudioSocketCaller caller(UUID id) throws IOException {
        URI address = URI.create("tcp://" + ready.path("audiosocket").get(0).asString());
        return new AudioSocketCaller(address.getHost(), address.getPort(), id);
    }

    private ProcessHandle runner() {
        List<ProcessHandle> children = daemon.children().toList();
        assertThat(children).as("the daemon's children").hasSize(1);
        return children.getFirst();
    }

    /** The stream of events ends with the one terminated event. */
    private void assertEndedOnce(UUID id, String reason) throws Exception {
        String events = get("/v1/pipecatcalls/" + id + "/events");
        assertThat(events)
                .containsOnlyOnce("event: pipecatcall_terminated")
                .contains("\"end_reason\":\"" + reason + "\"");
        assertThat(get("/v1/pipecatcalls/" + id)).contains("\"status\":\"ended\"", "\"end_reason\":\"" + reason + "\"");
    }

    private void assertNothingLeft() throws Exception {
        await("all sessions and connections are gone", () -> {
            String metrics = text("http://" + ready.path("metrics").asString() + "/metrics");
            return metrics.contains("pipecat_manager_sessions 0.0")
                    && metrics.contains("pipecat_manager_connections{kind=\"leg\"} 0.0")
                    && metrics.contains("pipecat_manager_connections{kind=\"link\"} 0.0");
        });
    }

    private String get(String path) throws IOException, InterruptedException {
        return text("http://" + ready.path("http").asString() + path);
    }

    private String text(String address) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString())
                .body();
    }

    private String log() throws IOException {
        Path log = dir.resolve("daemon.log");
        return Files.exists(log) ? Files.readString(log) : "none";
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private static void await(String what, Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("until %s", what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
