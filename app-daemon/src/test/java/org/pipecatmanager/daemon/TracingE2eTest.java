package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.daemon.DaemonProcess.PATIENCE_SECONDS;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.daemon.TestCollector.Received;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One call on the packaged daemon is one trace at a collector, and its lines in a log of JSON name it. */
@Tag("e2e")
@Timeout(120)
class TracingE2eTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String ASKER = "00f067aa0ba902b7";
    private static final String DAEMON = "pipecat-manager";
    private static final String RUNNER = "pipecat-runner";
    private static final String SPEECH = "when do you open";
    private static final String SECRET = "collectors-secret";

    @TempDir
    private Path dir = Path.of(".");

    @Test
    void one_call_is_one_trace_from_its_start_to_the_spoken_frame() throws Exception {
        List<String> named = new CopyOnWriteArrayList<>();
        HttpServer webhook = webhook(named);
        UUID id = UUID.randomUUID();
        try (TestCollector collector = new TestCollector();
                StandInRunner runner = new StandInRunner();
                DaemonProcess daemon = new DaemonProcess(
                        dir,
                        """
                        agents:
                          desk:
                            bot: assistant
                            llm: {type: openai_compatible, model: m, api_key: k}
                            stt: {type: whisper, model: tiny.en}
                            tts: {type: piper, voice: en_US-joe-medium}
                            tools: [{name: hours, webhook: {url: "http://127.0.0.1:%d/"}}]
                        """.formatted(webhook.getAddress().getPort()),
                        Map.of(
                                "RUNNER_URL",
                                runner.url().toString(),
                                "RUNNER_TOKEN",
                                StandInRunner.TOKEN,
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                collector.endpoint(),
                                "OTEL_EXPORTER_OTLP_HEADERS",
                                "Authorization=Bearer%20" + SECRET,
                                "LOG_FORMAT",
                                "json",
                                "LOG_LEVEL",
                                "DEBUG"))) {
            var reserved = runner.reserve(id);
            assertThat(start(daemon, id)).isEqualTo(200);
            try (AudioSocketCaller caller = daemon.caller(id);
                    RunnerSocket socket = connect(reserved.get(PATIENCE_SECONDS, TimeUnit.SECONDS))) {
                EventReader events = daemon.events(id);
                events.awaitLive(PATIENCE_SECONDS);
                converse(daemon, runner, id, socket);
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                daemon.await("the bot is silent", () -> turns(daemon, id) == 1);
                caller.hangUp();
                events.toEnd(PATIENCE_SECONDS);
            }
            daemon.await("the call's span", () -> collector.find(DAEMON, "call").isPresent());

            assertThat(collector.tree())
                    .containsExactlyInAnyOrder(
                            " > call",
                            "call > setup",
                            "setup > record",
                            "setup > runner start",
                            "setup > runner link",
                            "call > leg",
                            "call > turn",
                            "turn > recogniser",
                            "turn > end of turn",
                            "turn > execute_tool",
                            "turn > model",
                            "turn > voice",
                            "turn > playout",
                            "call > end",
                            "end > runner stop");
            assertThat(collector.spans()).allSatisfy(span -> {
                assertThat(span.traceId()).isEqualTo(TRACE);
                assertThat(span.service()).isEqualTo(DAEMON);
                assertThat(span.attributes()).containsEntry("gen_ai.conversation.id", id.toString());
                assertThat(span.endNanos()).isGreaterThanOrEqualTo(span.startNanos());
                assertThat(span.toString()).doesNotContain(SPEECH, StandInRunner.TOKEN, SECRET);
            });
            Received call = collector.find(DAEMON, "call").orElseThrow();
            assertThat(call.parent()).isEqualTo(ASKER);
            assertThat(call.kind()).isEqualTo("SPAN_KIND_SERVER");
            assertThat(runner.runs(id).getFirst().path("traceparent").asString())
                    .isEqualTo("00-" + TRACE + "-" + call.id() + "-01");
            Received tool = collector.find(DAEMON, "execute_tool").orElseThrow();
            assertThat(tool.failed()).isTrue();
            assertThat(named).containsOnly("00-" + TRACE + "-" + tool.id() + "-01");
            assertThat(collector.authorizations()).containsOnly("Bearer " + SECRET);
            daemon.await(
                    "all spans counted",
                    () -> daemon.metrics().getOrDefault("pipecat_manager_spans_total{outcome=\"sent\"}", 0.0)
                            == collector.spans().size());
            assertLog(daemon.log(), id);
        } finally {
            webhook.stop(0);
        }
    }

    @Test
    void the_real_runners_spans_are_below_the_call() throws Exception {
        UUID id = UUID.randomUUID();
        try (TestCollector collector = new TestCollector();
                DaemonProcess daemon = new DaemonProcess(
                        dir,
                        "default_agent: echo\nagents: {echo: {bot: echo}}\n",
                        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()))) {
            try (AudioSocketCaller caller = daemon.caller(id)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS))
                        .as("the echo; log: %s", daemon.log())
                        .isTrue();
                caller.hangUp();
            }
            daemon.await(
                    "the runner's span",
                    () -> collector.find(RUNNER, "conversation").isPresent()
                            && collector.find(DAEMON, "call").isPresent());
            Received call = collector.find(DAEMON, "call").orElseThrow();
            Received conversation = collector.find(RUNNER, "conversation").orElseThrow();
            assertThat(conversation.traceId()).isEqualTo(call.traceId());
            assertThat(conversation.parent()).isEqualTo(call.id());
            assertThat(call.parent()).isEmpty();
        }
    }

    /** The Prometheus client's own look-out for OpenTelemetry is one way for its classes to come in. */
    @Test
    void without_a_collector_no_class_of_opentelemetry_is_loaded_and_every_series_is_documented() throws Exception {
        Path classes = dir.resolve("classes.log");
        try (StandInRunner runner = new StandInRunner();
                DaemonProcess daemon = new DaemonProcess(
                        dir,
                        "default_agent: tone\nagents: {tone: {bot: tone}}\n",
                        Map.of(
                                "RUNNER_URL",
                                runner.url().toString(),
                                "RUNNER_TOKEN",
                                StandInRunner.TOKEN,
                                "JAVA_OPTS",
                                "-Xlog:class+load:file=" + classes))) {
            try (AudioSocketCaller caller = daemon.caller(UUID.randomUUID())) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                caller.hangUp();
            }
            daemon.awaitNothingOpen();
            DocumentedMetrics.check(daemon.scrape());
        }
        assertThat(Files.readAllLines(classes))
                .anyMatch(line -> line.contains("org.pipecatmanager.daemon.tracing.SpanExport"))
                .noneMatch(line -> line.contains("io.opentelemetry."));
    }

    private static HttpServer webhook(List<String> named) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                named.add(String.valueOf(exchange.getRequestHeaders().getFirst("traceparent")));
                exchange.sendResponseHeaders(404, -1);
            }
        });
        server.start();
        return server;
    }

    private static int start(DaemonProcess daemon, UUID id) throws IOException, InterruptedException {
        return daemon.client
                .send(
                        HttpRequest.newBuilder(daemon.uri("/v1/pipecatcalls"))
                                .header("Content-Type", "application/json")
                                .header("traceparent", "00-" + TRACE + "-" + ASKER + "-01")
                                .POST(BodyPublishers.ofString("{\"id\":\"" + id + "\",\"agent\":\"desk\"}"))
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    private static RunnerSocket connect(StandInRunner.Link link) throws IOException {
        return new RunnerSocket(link.url(), link.token());
    }

    /** The caller asks, the model calls a tool, the bot answers for half a second. */
    private static void converse(DaemonProcess daemon, StandInRunner runner, UUID id, RunnerSocket socket)
            throws IOException, InterruptedException {
        say(socket, "user-started-speaking", "{}");
        say(socket, "server-message", "{\"t\":\"vad-stopped\",\"d\":{\"ago_ms\":200}}");
        say(socket, "user-transcription", "{\"text\":\"" + SPEECH + "\",\"final\":true}");
        say(socket, "user-stopped-speaking", "{}");
        EventReader events = daemon.events(id);
        daemon.await("the turn has begun", () -> events.has("user_stopped_speaking"));
        JsonNode link = runner.runs(id).getFirst().path("link");
        HttpRequest tool = HttpRequest.newBuilder(
                        URI.create(link.path("tools_url").asString()))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + link.path("token").asString())
                .POST(BodyPublishers.ofString("{\"id\":\"c1\",\"type\":\"function\","
                        + "\"function\":{\"name\":\"hours\",\"arguments\":\"{}\"}}"))
                .build();
        assertThat(daemon.client.send(tool, BodyHandlers.ofString()).body()).contains("\"failed\"");
        say(socket, "bot-llm-started", "{}");
        say(socket, "bot-llm-text", "{\"text\":\"" + SPEECH + " indeed\"}");
        for (int at = 0; at < 500; at += 20) {
            socket.send(RunnerSocket.BINARY, StandInRunner.tone(at));
        }
    }

    private static void say(RunnerSocket socket, String type, String data) throws IOException {
        socket.send(RunnerSocket.BINARY, StandInRunner.message(type, data));
    }

    private static int turns(DaemonProcess daemon, UUID id) throws IOException, InterruptedException {
        return JsonMapper.shared()
                .readTree(daemon.get("/v1/pipecatcalls/" + id + "/turns").body())
                .path("result")
                .size();
    }

    /** Every line of the daemon's is JSON (its launcher may say that the cache is stale); the tool's failure names call and trace; nothing said and no secret is in it. */
    private static void assertLog(String log, UUID id) {
        List<JsonNode> lines = log.lines()
                .filter(line -> !line.startsWith("pipecat-manager: the ahead-of-time cache"))
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.propertyNames())
                        .contains("timestamp", "level", "loggerName", "formattedMessage"));
        assertThat(lines)
                .filteredOn(line -> line.path("formattedMessage").asString().contains("tool call c1"))
                .isNotEmpty()
                .allSatisfy(line -> {
                    assertThat(line.path("call_id").asString()).isEqualTo(id.toString());
                    assertThat(line.path("trace_id").asString()).isEqualTo(TRACE);
                });
        assertThat(log).doesNotContain(SPEECH, StandInRunner.TOKEN, SECRET);
    }
}
