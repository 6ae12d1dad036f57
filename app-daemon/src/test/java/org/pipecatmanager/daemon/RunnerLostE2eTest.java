package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.pipecatmanager.daemon.DaemonProcess.PATIENCE_SECONDS;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.daemon.AudioSocketCaller.Heard;
import tools.jackson.databind.JsonNode;

/** A runner dies in the middle of a call, on the packaged daemon: the caller hears frame after frame, and then the bot again. */
@Tag("e2e")
@Timeout(120)
class RunnerLostE2eTest {
    private static final String AGENTS = "default_agent: tone\nagents: {tone: {bot: tone}}\n";
    private static final double FRAMES_PER_SECOND = 50;
    /** A tick that was late by so much at the edge of what is counted, on a busy machine. */
    private static final double LATE_FRAMES = 4;

    @Test
    void a_caller_is_kept_and_the_next_pipeline_is_told_what_was_said(@TempDir Path dir) throws Exception {
        try (StandInRunner runner = new StandInRunner();
                DaemonProcess daemon = new DaemonProcess(
                        dir,
                        AGENTS,
                        Map.of("RUNNER_URL", runner.url().toString(), "RUNNER_TOKEN", StandInRunner.TOKEN))) {
            UUID id = UUID.randomUUID();
            EventReader events;
            try (AudioSocketCaller caller = daemon.caller(id)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                events = daemon.events(id);
                RunnerSocket first = runner.socket(id);
                first.send(RunnerSocket.BINARY, StandInRunner.message("server-message", """
                        {"t":"context","d":{"from":0,"messages":[{"role":"user","content":"When do you open?"}]}}"""));
                first.send(RunnerSocket.BINARY, StandInRunner.message("bot-output", """
                        {"text":"We open at nine.","segment_id":"s1","spoken_status":"in-progress",
                        "spoken_progress":{"accumulated_text":"We open"}}"""));
                first.send(RunnerSocket.BINARY, StandInRunner.message("bot-started-speaking", "{}"));
                daemon.await("the daemon has read that", () -> events.has("bot_started_speaking"));

                long lostAt = System.nanoTime();
                first.reset();
                daemon.await("the runner is replaced", () -> events.has("runner_replaced"));
                int before = caller.heard().size();
                daemon.await("the bot is heard again", () -> heardAfter(caller, before));
                assertFrameAfterFrame(caller.heard(), lostAt);
                assertThat(daemon.call(id).path("status").asString()).isEqualTo("live");
                assertThat(daemon.post("/v1/pipecatcalls/" + id + "/stop", "{}").statusCode())
                        .isEqualTo(200);
                assertThat(caller.wasHungUp(PATIENCE_SECONDS)).isTrue();
            }

            List<String> types = events.toEnd(PATIENCE_SECONDS).stream()
                    .map(EventReader.Event::type)
                    .toList();
            assertThat(types)
                    .containsOnlyOnce("pipecatcall_initialized", "runner_lost", "runner_replaced")
                    .containsSubsequence("runner_lost", "runner_replaced", "pipecatcall_terminated");
            List<JsonNode> runs = runner.runs(id);
            assertThat(runs).hasSize(2);
            assertThat(runs.getFirst().has("resume")).isFalse();
            assertThat(runs.getLast().path("resume").toString()).isEqualTo("""
                    {"attempt":1,"messages":[{"role":"user","content":"When do you open?"},\
                    {"role":"assistant","content":"We open"}]}""");
            assertThat(runs.getLast().path("link").path("token"))
                    .isNotEqualTo(runs.getFirst().path("link").path("token"));
            assertThat(daemon.metrics())
                    .containsEntry("pipecat_manager_runner_replaced_total{outcome=\"replaced\"}", 1.0)
                    .containsEntry("pipecat_manager_runner_replaced_total{outcome=\"failed\"}", 0.0);
            daemon.awaitNothingOpen();
        }
    }

    @Test
    void a_child_runner_that_was_killed_is_waited_for(@TempDir Path dir) throws Exception {
        String command = String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StandInRunner.class.getName());
        try (DaemonProcess daemon = new DaemonProcess(dir, AGENTS, Map.of("RUNNER_COMMAND", command))) {
            UUID id = UUID.randomUUID();
            try (AudioSocketCaller caller = daemon.caller(id)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                EventReader events = daemon.events(id);
                List<ProcessHandle> children = daemon.process.children().toList();
                assertThat(children).hasSize(1);
                long lostAt = System.nanoTime();
                children.getFirst().destroyForcibly();
                daemon.await("the runner is replaced", () -> events.has("runner_replaced"));
                int before = caller.heard().size();
                daemon.await("the bot is heard again", () -> heardAfter(caller, before));
                assertFrameAfterFrame(caller.heard(), lostAt);
                caller.leave();
            }
            daemon.await(
                    "the end", () -> daemon.call(id).path("status").asString("").equals("ended"));
            assertThat(daemon.call(id).path("end_reason").asString()).isEqualTo("caller_hung_up");
            daemon.awaitNothingOpen();
        }
    }

    private static boolean heardAfter(AudioSocketCaller caller, int frame) {
        List<Heard> heard = List.copyOf(caller.heard());
        return heard.subList(frame, heard.size()).stream().anyMatch(Heard::loud);
    }

    /** Sound, silence while there is no runner, sound again; 50 frames a second from before the loss on. */
    private static void assertFrameAfterFrame(List<Heard> all, long lostAtNanos) {
        List<Heard> since = all.stream()
                .filter(frame -> frame.atNanos() - lostAtNanos > -TimeUnit.SECONDS.toNanos(1))
                .toList();
        double seconds = (since.getLast().atNanos() - since.getFirst().atNanos()) / 1e9;
        assertThat((double) since.size() - 1)
                .as("frames after the first in %s s", seconds)
                .isCloseTo(FRAMES_PER_SECOND * seconds, offset(LATE_FRAMES));
        assertThat(since).anyMatch(frame -> !frame.loud());
    }
}
