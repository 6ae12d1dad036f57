package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.daemon.DaemonProcess.PATIENCE_SECONDS;
import static org.pipecatmanager.daemon.DaemonProcess.closed;
import static org.pipecatmanager.daemon.DaemonProcess.opened;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.daemon.sim.SimulateCommand;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Thousands of hostile connections on both ports of the packaged daemon, beside one call that must not notice. */
@Tag("e2e")
@Timeout(120)
class HostileInputE2eTest {
    private static final int ON_AUDIOSOCKET = 2_600;
    private static final int ON_HTTP = 1_600;
    private static final int AT_ONCE = 6;

    /** The attackers' process is the runner's too, and busy: it is not the one whose lateness is to be heard. */
    private static final long RUNNER_AHEAD_MILLIS = 4_000;

    private interface Attack {
        void strike(int seed) throws Exception;
    }

    @Test
    void hostile_connections_are_all_closed_and_counted_and_a_call_beside_them_loses_nothing(@TempDir Path dir)
            throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                StandInRunner runner = new StandInRunner(RUNNER_AHEAD_MILLIS);
                DaemonProcess daemon = new DaemonProcess(
                        dir,
                        "default_agent: tone\nagents: {tone: {bot: tone}}\n",
                        Map.of(
                                "RUNNER_URL", runner.url().toString(),
                                "RUNNER_RETRIES", "0",
                                "RUNNER_TOKEN", StandInRunner.TOKEN,
                                "AUDIOSOCKET_HANDSHAKE_TIMEOUT", "300ms",
                                // Those we provoke are counted; what is logged is another test's matter.
                                "LOG_LEVEL", "ERROR",
                                // Calls that are ending take places; what a full daemon does is not asked here.
                                "MAX_SESSIONS", "5000"))) {
            UUID healthy = UUID.randomUUID();
            Future<JsonNode> report = callers.submit(() -> simulate(daemon, healthy));
            daemon.await(
                    "the healthy call is live",
                    () -> daemon.get("/v1/pipecatcalls/" + healthy).body().contains("\"status\":\"live\""));

            var attacks = new HostileInputE2eAttacks(daemon, runner, healthy);
            try (ExecutorService onAudio = Executors.newFixedThreadPool(AT_ONCE);
                    ExecutorService onHttp = Executors.newFixedThreadPool(AT_ONCE)) {
                List<Future<?>> all = new ArrayList<>();
                all.addAll(strikes(onAudio, ON_AUDIOSOCKET, attacks::onAudioSocket));
                all.addAll(strikes(onHttp, ON_HTTP, attacks::onHttp));
                try {
                    for (Future<?> attack : all) {
                        finish(attack);
                    }
                } finally {
                    onAudio.shutdownNow();
                    onHttp.shutdownNow();
                }
            }

            assertThat(daemon.get("/healthz").statusCode()).isEqualTo(200);
            assertThat(daemon.call(healthy).path("status").asString()).isEqualTo("live");
            UUID next = UUID.randomUUID();
            try (AudioSocketCaller caller = daemon.caller(next)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                caller.leave();
            }
            daemon.post("/v1/pipecatcalls/" + healthy + "/stop", "{}");
            JsonNode heard = report.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            daemon.awaitNothingOpen();
            assertWhole(heard, daemon.metrics());
            assertCounted(daemon.metrics());
            for (UUID victim : attacks.victims) {
                assertThat(daemon.call(victim).path("end_reason").asString()).isEqualTo("runner_lost");
            }
            assertThat(daemon.log()).doesNotContain("defect of ours", "error of ours", "Exception");
        }
    }

    private static List<Future<?>> strikes(ExecutorService threads, int count, Attack attack) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int seed = i;
            all.add(threads.submit(() -> {
                try {
                    attack.strike(seed);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("attack with seed " + seed, e);
                }
                return null;
            }));
        }
        return all;
    }

    private static void finish(Future<?> attack) throws Exception {
        try {
            attack.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** The healthy caller: follows the tone until he is hung up on. */
    private static JsonNode simulate(DaemonProcess daemon, UUID id) {
        StringWriter out = new StringWriter();
        CommandLine simulate = new CommandLine(new SimulateCommand()).setOut(new PrintWriter(out));
        int code = simulate.execute(
                "--server",
                daemon.audioSocket().getHostString() + ":"
                        + daemon.audioSocket().getPort(),
                "--uuid",
                id.toString(),
                "--expect-tone",
                Integer.toString(StandInRunner.TONE_HZ),
                "--seconds",
                "600",
                "--json");
        // 3 says that this busy machine made the probe late: phase does not depend on it.
        assertThat(code).isIn(0, 1, 3);
        return JsonMapper.shared().readTree(out.toString());
    }

    private static void assertWhole(JsonNode report, Map<String, Double> samples) {
        JsonNode call = report.path("per_call").get(0);
        assertThat(call.path("ended").asString()).isEqualTo("server_hung_up");
        assertThat(call.path("odd_messages").asLong()).isZero();
        JsonNode tone = call.path("tone");
        assertThat(tone.path("heard").asBoolean()).isTrue();
        assertThat(List.of("frames_lost", "frames_repeated", "frames_inserted", "jumps"))
                .as("the healthy call: %s, in a daemon with %s", report, samples)
                .allSatisfy(figure ->
                        assertThat(tone.path(figure).asLong()).as(figure).isZero());
    }

    private static void assertCounted(Map<String, Double> samples) {
        // The hostile ones, the healthy call, and the one after.
        assertThat(opened(samples, "leg")).isEqualTo(ON_AUDIOSOCKET + 2);
        assertThat(opened(samples, "http")).isGreaterThan(ON_HTTP);
        assertThat(List.of(
                        "no_id", "handshake_timeout", "not_audiosocket", "already_used", "hung_up", "error_from_peer"))
                .allSatisfy(reason ->
                        assertThat(closed(samples, "leg", reason)).as(reason).isPositive());
        assertThat(closed(samples, "leg", "internal_error")).isZero();
        assertThat(List.of(
                        "served",
                        "head_timeout",
                        "head_unfinished",
                        "malformed_head",
                        "refused_404",
                        "refused_401",
                        "refused_409"))
                .allSatisfy(reason ->
                        assertThat(closed(samples, "http", reason)).as(reason).isPositive());
        assertThat(closed(samples, "http", "gate_failed")).isZero();
        assertThat(List.of("protocol_error", "broken"))
                .allSatisfy(reason ->
                        assertThat(closed(samples, "link", reason)).as(reason).isPositive());
    }
}
