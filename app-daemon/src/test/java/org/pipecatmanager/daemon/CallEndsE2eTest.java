package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.daemon.DaemonProcess.PATIENCE_SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.daemon.replay.Comparison;
import org.pipecatmanager.daemon.replay.Replay;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.TapeReader;
import tools.jackson.databind.JsonNode;

/**
 * Every way a live call can end, on the packaged daemon: it ends once, says why in its record and in one last event, and leaves
 * nothing behind.
 */
@Tag("e2e")
@Timeout(120)
class CallEndsE2eTest {
    private static final String AGENTS = "default_agent: tone\nagents: {tone: {bot: tone}}\n";

    @TempDir
    private static Path dir = Path.of(".");

    private static StandInRunner runner;
    private static DaemonProcess daemon;
    private static Footprint before;
    /** The call whose ends were all at once. */
    private static final UUID RACED = UUID.randomUUID();

    /** One thing that ends a call in its middle. */
    private interface Blow {
        void strike(AudioSocketCaller caller, UUID id) throws Exception;
    }

    @BeforeAll
    static void start() throws Exception {
        runner = new StandInRunner();
        daemon = new DaemonProcess(
                dir,
                AGENTS,
                Map.of(
                        "RUNNER_URL",
                        runner.url().toString(),
                        "RUNNER_TOKEN",
                        StandInRunner.TOKEN,
                        "RUNNER_RETRIES",
                        "0",
                        "TAPE_DIR",
                        dir.resolve("tapes").toString()));
        // What is loaded, opened and started once for all calls is not a call's.
        endsOnceAndLeavesNothing("requested", true, (caller, id) -> stop(id), false);
        before = daemon.footprint();
    }

    /**
     * Each of the calls was taped, and ends the same way when it is played back; but not the one that ended in three ways at once:
     * which of them was noted first need not be which of them the session heard first.
     */
    @AfterAll
    static void stop() throws Exception {
        daemon.close();
        runner.close();
        try (Stream<Path> tapes = Files.list(dir.resolve("tapes"))) {
            List<Path> files =
                    tapes.filter(file -> !file.endsWith(RACED + ".tape")).toList();
            assertThat(files).isNotEmpty();
            for (Path file : files) {
                List<Entry> tape = TapeReader.read(file);
                // Of the sound, a tick during which the link's thread was adding may have got more than was noted
                // before it.
                assertThat(Comparison.of(tape, Replay.of(tape)).differences())
                        .as("%s", file)
                        .filteredOn(difference -> difference.strand() == Comparison.Strand.EVENTS)
                        .isEmpty();
            }
        }
    }

    @Test
    void a_stop_that_is_asked_for_ends_the_call_as_requested() throws Exception {
        endsOnce("requested", true, (caller, id) -> stop(id));
    }

    @Test
    void a_caller_who_hangs_up_by_closing_ends_the_call() throws Exception {
        endsOnce("caller_hung_up", true, (caller, id) -> caller.leave());
    }

    @Test
    void a_caller_whose_connection_is_reset_ends_the_call() throws Exception {
        endsOnce("caller_hung_up", false, (caller, id) -> caller.breakOff());
    }

    @Test
    void a_leg_that_says_something_is_wrong_ends_the_call_as_leg_lost() throws Exception {
        endsOnce("leg_lost", true, (caller, id) -> caller.fail());
    }

    @Test
    void a_link_that_is_reset_alone_ends_the_call_as_runner_lost() throws Exception {
        endsOnce("runner_lost", true, (caller, id) -> runner.socket(id).reset());
    }

    @Test
    void a_link_that_vanishes_without_a_close_frame_ends_the_call_as_runner_lost() throws Exception {
        endsOnce("runner_lost", true, (caller, id) -> runner.socket(id).close());
    }

    @Test
    void a_link_that_is_closed_with_an_error_ends_the_call_as_runner_lost() throws Exception {
        endsOnce("runner_lost", true, (caller, id) -> runner.socket(id).closeWith(1011));
    }

    @Test
    void a_link_that_is_closed_in_order_ends_the_call_as_bot_ended() throws Exception {
        endsOnce("bot_ended", true, (caller, id) -> runner.socket(id).closeWith(1000));
    }

    @Test
    void a_link_that_breaks_the_protocol_ends_the_call_as_runner_lost() throws Exception {
        endsOnce("runner_lost", true, (caller, id) -> runner.socket(id).send(RunnerSocket.TEXT, (byte) 'x'));
    }

    @Test
    void leg_link_and_a_stop_at_once_end_the_call_once() throws Exception {
        UUID id = RACED;
        List<EventReader.Event> events;
        try (AudioSocketCaller caller = daemon.caller(id)) {
            EventReader reader = live(caller, id);
            Thread stop = Thread.ofVirtual().start(() -> {
                try {
                    stop(id);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            runner.socket(id).reset();
            caller.breakOff();
            stop.join();
            events = reader.toEnd(PATIENCE_SECONDS);
        }
        assertThat(assertInOrderAndTerminatedOnce(events)).isIn("requested", "runner_lost", "caller_hung_up");
        daemon.awaitNothingOpen();
        daemon.awaitNoMoreThan(before);
    }

    @Test
    void a_runner_that_is_killed_ends_the_call_and_the_next_one_has_a_new_runner(@TempDir Path own) throws Exception {
        String command = String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StandInRunner.class.getName());
        try (DaemonProcess watching =
                new DaemonProcess(own, AGENTS, Map.of("RUNNER_COMMAND", command, "RUNNER_RETRIES", "0"))) {
            UUID warmUp = UUID.randomUUID();
            try (AudioSocketCaller caller = watching.caller(warmUp)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                watching.post("/v1/pipecatcalls/" + warmUp + "/stop", "{}");
            }
            watching.awaitNothingOpen();
            Footprint alone = watching.footprint();

            UUID id = UUID.randomUUID();
            try (AudioSocketCaller caller = watching.caller(id)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                EventReader reader = watching.events(id);
                List<ProcessHandle> children = watching.process.children().toList();
                assertThat(children).hasSize(1);
                children.getFirst().destroyForcibly();
                assertThat(caller.wasHungUp(PATIENCE_SECONDS)).isTrue();
                assertThat(assertInOrderAndTerminatedOnce(reader.toEnd(PATIENCE_SECONDS)))
                        .isEqualTo("runner_lost");
            }
            watching.await("a new runner", () -> watching.get("/readyz").statusCode() == 200);
            try (AudioSocketCaller next = watching.caller(UUID.randomUUID())) {
                assertThat(next.heardItself(PATIENCE_SECONDS)).isTrue();
            }
            watching.awaitNothingOpen();
            watching.awaitNoMoreThan(alone);
        }
    }

    @Test
    void sigterm_ends_the_call_as_shutdown_and_everybody_who_listens_hears_so_before_the_exit(@TempDir Path own)
            throws Exception {
        Map<String, String> settings = Map.of(
                "RUNNER_URL", runner.url().toString(), "RUNNER_TOKEN", StandInRunner.TOKEN, "DRAIN_TIMEOUT", "300ms");
        try (DaemonProcess stopping = new DaemonProcess(own, AGENTS, settings)) {
            UUID id = UUID.randomUUID();
            try (AudioSocketCaller caller = stopping.caller(id)) {
                assertThat(caller.heardItself(PATIENCE_SECONDS)).isTrue();
                List<EventReader> readers = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    readers.add(stopping.events(id));
                }
                for (EventReader reader : readers) {
                    reader.awaitLive(PATIENCE_SECONDS);
                }
                assertThat(stopping.process.supportsNormalTermination()).isTrue();
                stopping.process.destroy();
                assertThat(caller.wasHungUp(PATIENCE_SECONDS)).isTrue();
                for (EventReader reader : readers) {
                    assertThat(assertInOrderAndTerminatedOnce(reader.toEnd(PATIENCE_SECONDS)))
                            .isEqualTo("shutdown");
                }
            }
            assertThat(stopping.process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(stopping.process.exitValue()).isZero();
            assertThat(runner.wasToldToStop(id)).isTrue();
            assertThat(runner.playing()).isZero();
        }
    }

    // ---- a call and its end

    private static void endsOnce(String reason, boolean hangsUp, Blow blow) throws Exception {
        endsOnceAndLeavesNothing(reason, hangsUp, blow, true);
    }

    /**
     * A call, live, that is ended.
     *
     * @param hangsUp whether the caller is still there to be hung up on
     */
    private static void endsOnceAndLeavesNothing(String reason, boolean hangsUp, Blow blow, boolean compare)
            throws Exception {
        UUID id = UUID.randomUUID();
        double endedBefore = ended(reason);
        List<EventReader.Event> events;
        try (AudioSocketCaller caller = daemon.caller(id)) {
            EventReader reader = live(caller, id);
            blow.strike(caller, id);
            if (hangsUp) {
                assertThat(caller.wasHungUp(PATIENCE_SECONDS))
                        .as("00 00 00, then an orderly close; log: %s", daemon.log())
                        .isTrue();
            }
            events = reader.toEnd(PATIENCE_SECONDS);
        }
        assertThat(assertInOrderAndTerminatedOnce(events)).isEqualTo(reason);
        JsonNode record = daemon.call(id);
        assertThat(record.path("status").asString()).isEqualTo("ended");
        assertThat(record.path("end_reason").asString()).isEqualTo(reason);
        assertThat(record.path("tm_end").asString("")).isNotEmpty();
        assertThat(runner.wasToldToStop(id)).as("the runner was told to stop").isTrue();
        daemon.awaitNothingOpen();
        assertThat(ended(reason) - endedBefore).isEqualTo(1);
        if (compare) {
            daemon.awaitNoMoreThan(before);
        }
    }

    private static EventReader live(AudioSocketCaller caller, UUID id) throws Exception {
        assertThat(caller.heardItself(PATIENCE_SECONDS))
                .as("the tone; log: %s", daemon.log())
                .isTrue();
        EventReader reader = daemon.events(id);
        reader.awaitLive(PATIENCE_SECONDS);
        return reader;
    }

    private static void stop(UUID id) throws IOException, InterruptedException {
        assertThat(daemon.post("/v1/pipecatcalls/" + id + "/stop", "{}").statusCode())
                .isEqualTo(200);
    }

    private static double ended(String reason) throws IOException, InterruptedException {
        return daemon.metrics().getOrDefault("pipecat_manager_sessions_ended_total{reason=\"" + reason + "\"}", 0.0);
    }

    /** A whole call's events: numbered from 1 without a gap, terminated once and last; answers its reason. */
    private static String assertInOrderAndTerminatedOnce(List<EventReader.Event> events) {
        assertThat(events.stream().map(EventReader.Event::id))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, events.size()).boxed().toList());
        List<String> types = events.stream().map(EventReader.Event::type).toList();
        assertThat(types)
                .startsWith("pipecatcall_created")
                .containsOnlyOnce("pipecatcall_initialized", "pipecatcall_terminated")
                .endsWith("pipecatcall_terminated");
        JsonNode last = events.getLast().data();
        assertThat(last.path("status").asString()).isEqualTo("ended");
        return last.path("end_reason").asString();
    }
}
