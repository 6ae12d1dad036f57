package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bad calls on the packaged daemon, all at once, each bad in its own way; {@code explain} names what was bad about each. */
@Tag("e2e")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // made before each test
class ExplainE2eTest {
    private static final String AGENTS = """
            default_agent: tone
            agents:
              tone: {bot: tone}
              brief: {bot: tone, limits: {idle_timeout: 3s}}
            """;
    /** How long who says nothing has to say nothing. */
    private static final Duration QUIET = Duration.ofSeconds(11);
    /** What a machine that is short of time does to every call. */
    private static final List<String> OF_A_BUSY_MACHINE = List.of("late_frames", "broken_voice");

    @TempDir
    private Path dir = Path.of(".");

    /** Makes a call bad, and ends it. */
    private interface BadCall {
        void happen(UUID id) throws Exception;
    }

    private StandInRunner runner;
    private DaemonProcess daemon;

    @BeforeEach
    void start() throws IOException {
        runner = new StandInRunner();
        daemon = new DaemonProcess(
                dir,
                AGENTS,
                Map.of(
                        "RUNNER_URL",
                        runner.url().toString(),
                        "RUNNER_TOKEN",
                        StandInRunner.TOKEN,
                        "REGISTRATION_TTL",
                        "3s",
                        "RUNNER_TIMEOUT",
                        "4s"));
    }

    @AfterEach
    void close() {
        daemon.close();
        runner.close();
    }

    /** A call under way. */
    private record Running(String cause, UUID id, Future<?> call) {}

    @Test
    void each_bad_call_is_explained_by_what_was_bad_about_it() throws Exception {
        Map<String, BadCall> calls = new LinkedHashMap<>();
        calls.put("ended_leg_timeout", id -> register(id, "tone"));
        calls.put("ended_runner_timeout", this::runnerThatNeverConnects);
        calls.put("ended_leg_lost", this::legThatFails);
        calls.put("ended_idle", this::nobodySpeaks);
        calls.put("caller_not_heard", id -> rawCaller(id, false));
        calls.put("caller_silent", id -> rawCaller(id, true));
        calls.put("bot_not_heard", this::botWithoutAudio);
        calls.put("broken_voice", this::voiceWithGaps);
        calls.put("slow_llm", this::slowModel);
        calls.put("echo", this::echo);
        calls.put("dead_air", this::deadAir);
        calls.put("runner_restarted", this::runnerRestarts);
        calls.put("provider_errors", this::providerFails);

        List<Running> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            calls.forEach((cause, call) -> {
                UUID id = UUID.randomUUID();
                running.add(new Running(cause, id, threads.submit(() -> {
                    call.happen(id);
                    return id;
                })));
            });
        }
        for (Running each : running) {
            assertThat(each.call()).as(each.cause()).succeedsWithin(Duration.ZERO);
            awaitEnd(each.id());
            JsonNode explanation = explain(each.id());
            assertThat(explanation.path("report_kept").asBoolean(false)).isTrue();
            assertThat(causes(explanation, each.cause()))
                    .as("%s", explanation.path("text").asString())
                    .containsExactly(each.cause());
        }
    }

    private static List<String> causes(JsonNode explanation, String expected) {
        List<String> causes = new ArrayList<>();
        explanation.path("causes").forEach(cause -> {
            String name = cause.path("name").asString();
            boolean cameByItself = OF_A_BUSY_MACHINE.contains(name) && !name.equals(expected);
            if (cause.path("weight").asString().equals("cause") && !cameByItself) {
                causes.add(name);
            }
        });
        return causes;
    }

    private void runnerThatNeverConnects(UUID id) throws Exception {
        assertThat(runner.reserve(id)).isNotDone();
        register(id, "tone");
        try (AudioSocketCaller caller = daemon.caller(id)) {
            assertThat(caller.wasHungUp(DaemonProcess.PATIENCE_SECONDS)).isTrue();
        }
    }

    private void legThatFails(UUID id) throws Exception {
        try (AudioSocketCaller caller = daemon.caller(id)) {
            assertThat(caller.heardItself(DaemonProcess.PATIENCE_SECONDS)).isTrue();
            caller.fail();
            awaitEnd(id);
        }
    }

    private void nobodySpeaks(UUID id) throws Exception {
        var reserved = runner.reserve(id);
        register(id, "brief");
        try (AudioSocketCaller caller = daemon.caller(id)) {
            StandInRunner.Link link = reserved.get(DaemonProcess.PATIENCE_SECONDS, TimeUnit.SECONDS);
            try (RunnerSocket socket = new RunnerSocket(link.url(), link.token())) {
                assertThat(socket.receiveCloseCode()).isPositive();
                assertThat(caller.wasHungUp(DaemonProcess.PATIENCE_SECONDS)).isTrue();
            }
        }
    }

    /** Asterisk's side without a voice: nothing at all, or silence. */
    private void rawCaller(UUID id, boolean silence) throws Exception {
        try (Socket socket = new Socket(
                daemon.audioSocket().getAddress(), daemon.audioSocket().getPort())) {
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(19)
                            .put(new byte[] {1, 0, 16})
                            .putLong(id.getMostSignificantBits())
                            .putLong(id.getLeastSignificantBits())
                            .array());
            Thread listener = Thread.ofVirtual().start(() -> {
                try {
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // The call is over.
                }
            });
            long end = System.nanoTime() + QUIET.toNanos();
            byte[] frame =
                    ByteBuffer.allocate(323).put(new byte[] {0x10, 1, 0x40}).array();
            while (System.nanoTime() - end < 0) {
                if (silence) {
                    socket.getOutputStream().write(frame);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            stop(id);
            listener.join();
        }
    }

    private void botWithoutAudio(UUID id) throws Exception {
        scripted(id, link -> {
            tell(link, "bot-started-speaking", "{}");
            TimeUnit.SECONDS.sleep(5);
        });
    }

    private void voiceWithGaps(UUID id) throws Exception {
        scripted(id, link -> {
            tell(link, "bot-started-speaking", "{}");
            long at = 0;
            for (int burst = 0; burst < 12; burst++) {
                for (int chunk = 0; chunk < 10; chunk++, at += 20) {
                    link.send(RunnerSocket.BINARY, StandInRunner.tone(at));
                }
                TimeUnit.MILLISECONDS.sleep(450);
            }
        });
    }

    private void slowModel(UUID id) throws Exception {
        scripted(id, link -> {
            tell(link, "user-started-speaking", "{}");
            tell(link, "user-stopped-speaking", "{}");
            TimeUnit.MILLISECONDS.sleep(2_200);
            tell(link, "metrics", "{\"ttfb\":[{\"processor\":\"OpenAILLMService#0\",\"value\":2.1}]}");
            tell(link, "bot-started-speaking", "{}");
            speak(link, 0);
            tell(link, "bot-stopped-speaking", "{}");
        });
    }

    private void echo(UUID id) throws Exception {
        scripted(id, link -> {
            long at = 0;
            for (int i = 0; i < 4; i++) {
                tell(link, "bot-started-speaking", "{}");
                at = speak(link, at);
                TimeUnit.MILLISECONDS.sleep(150);
                tell(link, "user-started-speaking", "{}");
                link.send(RunnerSocket.BINARY, (byte) 0x2a, (byte) 0);
                TimeUnit.MILLISECONDS.sleep(400);
                tell(link, "user-stopped-speaking", "{}");
            }
        });
    }

    private void deadAir(UUID id) throws Exception {
        scripted(id, link -> {
            tell(link, "bot-started-speaking", "{}");
            speak(link, 0);
            tell(link, "bot-stopped-speaking", "{}");
            tell(link, "user-started-speaking", "{}");
            tell(link, "user-stopped-speaking", "{}");
            TimeUnit.MILLISECONDS.sleep(6_500);
        });
    }

    private void runnerRestarts(UUID id) throws Exception {
        try (AudioSocketCaller caller = daemon.caller(id)) {
            assertThat(caller.heardItself(DaemonProcess.PATIENCE_SECONDS)).isTrue();
            EventReader events = daemon.events(id);
            runner.socket(id).reset();
            daemon.await("the runner is replaced", () -> events.has("runner_replaced"));
            stop(id);
        }
    }

    private void providerFails(UUID id) throws Exception {
        try (AudioSocketCaller caller = daemon.caller(id)) {
            assertThat(caller.heardItself(DaemonProcess.PATIENCE_SECONDS)).isTrue();
            EventReader events = daemon.events(id);
            tell(runner.socket(id), "server-message", """
                    {"t":"provider-error","d":{"part":"llm","provider":"openai","kind":"rate_limit","action":"retried",
                    "message":"too many requests"}}""");
            daemon.await("the error", () -> events.has("error_reported"));
            stop(id);
        }
    }

    /** What a runner does in a call that is live. */
    private interface Script {
        void run(RunnerSocket link) throws Exception;
    }

    private void scripted(UUID id, Script script) throws Exception {
        var reserved = runner.reserve(id);
        try (AudioSocketCaller caller = daemon.caller(id)) {
            assertThat(caller.wasHungUp(0)).isFalse();
            StandInRunner.Link link = reserved.get(DaemonProcess.PATIENCE_SECONDS, TimeUnit.SECONDS);
            try (RunnerSocket socket = new RunnerSocket(link.url(), link.token())) {
                daemon.await(
                        "live",
                        () -> daemon.call(id).path("status").asString("").equals("live"));
                Thread reader = Thread.ofVirtual().start(() -> {
                    try {
                        while (socket.receive().opcode() != RunnerSocket.CLOSE) {
                            // Reports and the caller's voice.
                        }
                    } catch (IOException e) {
                        // The call is over.
                    }
                });
                script.run(socket);
                stop(id);
                awaitEnd(id);
                reader.join();
            }
        }
    }

    /** 300 ms of the bot's voice, within the grant, and heard. */
    private static long speak(RunnerSocket link, long atMillis) throws IOException, InterruptedException {
        long at = atMillis;
        for (int chunk = 0; chunk < 15; chunk++, at += 20) {
            link.send(RunnerSocket.BINARY, StandInRunner.tone(at));
        }
        TimeUnit.MILLISECONDS.sleep(200);
        return at;
    }

    private static void tell(RunnerSocket link, String type, String data) throws IOException {
        link.send(RunnerSocket.BINARY, StandInRunner.message(type, data));
    }

    private void register(UUID id, String agent) throws IOException, InterruptedException {
        assertThat(daemon.post("/v1/pipecatcalls", "{\"id\":\"" + id + "\",\"agent\":\"" + agent + "\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    private void stop(UUID id) throws IOException, InterruptedException {
        assertThat(daemon.post("/v1/pipecatcalls/" + id + "/stop", "{}").statusCode())
                .isEqualTo(200);
    }

    private void awaitEnd(UUID id) throws IOException, InterruptedException {
        daemon.await(
                "the end", () -> daemon.call(id).path("status").asString("").equals("ended"));
    }

    private JsonNode explain(UUID id) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = ControlMain.commandLine(
                        Map.of("PIPECAT_MANAGER_URL", daemon.uri("").toString()),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .execute("explain", "--id", id.toString(), "--json");
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return JsonMapper.shared().readTree(out.toByteArray());
    }
}
