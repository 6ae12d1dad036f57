package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    private static final int CALLER_HZ = 1_000;
    private static final int FRAME_MILLIS = 20;
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path PYTHON = HOME.resolve("python-runner/.venv/bin/python");

    @TempDir
    private Path dir = Path.of(".");

    @Test
    void registered_connected_spoken_echoed_and_hung_up() throws Exception {
        try (var daemon = new DaemonProcess(dir, "agents: {echo: {bot: echo}}\n", Map.of())) {
            for (int rate : new int[] {8_000, 16_000}) {
                UUID id = register(daemon, "echo");
                EventReader events = daemon.events(id);
                JsonNode report = call(daemon, id, rate, "", 440);
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
            assertThat(run(daemon, id, 16_000, "tiger", 440).error()).contains("HTTP 404");
        }
    }

    @Test
    void a_recorded_call_has_the_caller_left_and_the_bot_right_on_one_clock() throws Exception {
        String agents = "agents: {tone: {bot: tone, tone: {hz: 440}, recording: stereo}}\n";
        try (var daemon = new DaemonProcess(dir, agents, Map.of())) {
            for (int rate : new int[] {8_000, 16_000}) {
                UUID id = register(daemon, "tone");
                assertThat(daemon.get("/v1/pipecatcalls/" + id + "/recording").statusCode())
                        .isEqualTo(404);
                JsonNode report = call(daemon, id, rate, "", CALLER_HZ);
                Path file = dir.resolve("data/recordings/" + id + ".wav");
                daemon.await("the recording is whole", () -> Files.size(file) > 44 + 3 * rate * 4);
                daemon.await("nothing more is written", () -> settled(file));
                HttpResponse<byte[]> answer = daemon.client.send(
                        HttpRequest.newBuilder(daemon.uri("/v1/pipecatcalls/" + id + "/recording"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
                assertThat(answer.body()).isEqualTo(Files.readAllBytes(file));
                short[] left = edge(answer.body(), 0);
                short[] right = edge(answer.body(), 1);
                int begins = onset(left);
                assertThat(share(left, begins, rate, CALLER_HZ)).isGreaterThan(0.95);
                assertThat(share(right, right.length / 2, rate, 440)).isGreaterThan(0.95);
                double silent = report.path("silent_seconds").asDouble();
                assertThat(1000.0 * begins / rate)
                        .as("when the caller's first frame of tone had arrived, ms; %s", report)
                        .isCloseTo(1000 * silent + FRAME_MILLIS, within(20.0));
            }
            assertThat(daemon.metrics()).containsEntry("pipecat_manager_recordings_total{result=\"kept\"}", 2.0);
            assertThat(daemon.get("/v1/agents").body()).contains("\"recording\":\"stereo\"");
        }
    }

    /** The last round comes half a second after the call. */
    private static boolean settled(Path file) throws IOException, InterruptedException {
        long before = Files.size(file);
        TimeUnit.MILLISECONDS.sleep(1_200);
        return Files.size(file) == before;
    }

    private static short[] edge(byte[] wav, int channel) {
        ByteBuffer file = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
        short[] samples = new short[(wav.length - 44) / 4];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = file.getShort(44 + 4 * i + 2 * channel);
        }
        return samples;
    }

    private static int onset(short[] samples) {
        for (int i = 0; i < samples.length; i++) {
            if (Math.abs(samples[i]) > 1_000) {
                return i;
            }
        }
        throw new AssertionError("nothing is heard");
    }

    /** How much of the energy of half a second is at {@code hz}, 0 to 1. */
    private static double share(short[] samples, int from, int rate, int hz) {
        double energy = 0;
        double re = 0;
        double im = 0;
        for (int i = 0; i < rate / 2; i++) {
            double sample = samples[from + i];
            energy += sample * sample;
            re += sample * Math.cos(2 * Math.PI * hz * i / rate);
            im += sample * Math.sin(2 * Math.PI * hz * i / rate);
        }
        return 2 * (re * re + im * im) / (rate / 2.0 * energy);
    }

    private static UUID register(DaemonProcess daemon, String agent) throws IOException, InterruptedException {
        String answer =
                daemon.post("/v1/pipecatcalls", "{\"agent\":\"" + agent + "\"}").body();
        return UUID.fromString(JsonMapper.shared().readTree(answer).path("id").asString());
    }

    private JsonNode call(DaemonProcess daemon, UUID id, int rate, String token, int hz)
            throws IOException, InterruptedException {
        Said said = run(daemon, id, rate, token, hz);
        assertThat(said.output())
                .as("what the caller says; %s; log: %s", said.error(), daemon.log())
                .startsWith("{");
        return JsonMapper.shared().readTree(said.output());
    }

    private String refusal(DaemonProcess daemon, UUID id) throws IOException, InterruptedException {
        return run(daemon, id, 16_000, "", 440).error();
    }

    private record Said(String output, String error) {}

    private Said run(DaemonProcess daemon, UUID id, int rate, String token, int hz)
            throws IOException, InterruptedException {
        String uri = daemon.uri("/v1/pipecatcalls/" + id + "/audio").toString().replace("http://", "ws://");
        Path error = dir.resolve("caller.log");
        Process caller = new ProcessBuilder(
                        PYTHON.toString(),
                        "src/test/python/browser_caller.py",
                        uri,
                        Integer.toString(rate),
                        "3",
                        token,
                        Integer.toString(hz))
                .redirectError(error.toFile())
                .start();
        String output = new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(caller.waitFor(DaemonProcess.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        return new Said(output, Files.readString(error));
    }
}
