package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.pipecatmanager.domain.engine.PlatformStage.LIMITS;
import static org.pipecatmanager.domain.engine.PlatformStage.REFERENCE;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStopped;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.UserTranscription;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RequestException;

/** Calls on a platform: what they need is looked up behind the answer, and Asterisk is asked for their media. */
class PlatformSessionTest {
    private final PlatformStage stage = new PlatformStage();

    private void assertProblem(PipecatcallId id, String message) {
        assertThat(stage.events.events(id))
                .anyMatch(event -> event.payload() instanceof Problem problem
                        && problem.source().equals("manager")
                        && problem.message().contains(message)
                        && problem.fatal());
    }

    // ---- what is refused before anything is written

    @ParameterizedTest
    @CsvSource({
        "AGENT, CALL, true, openai.gpt-5, reception",
        "REFERENCE_TYPE, NONE, true, openai.gpt-5, ''",
        "REFERENCE_ID, CALL, false, openai.gpt-5, ''",
        "REFERENCE_ID, AI_CALL, false, '', ''",
        "LLM_TYPE, CALL, true, '', ''",
        "LLM_TYPE, CALL, true, gpt-5, ''",
        "LLM_TYPE, CALL, true, openai., ''",
        "LLM_TYPE, AI_CALL, true, .gpt-5, ''",
    })
    void a_start_that_makes_no_sense_is_refused(
            String reason, ReferenceType type, boolean referenced, String llmType, String agent) {
        StartCommand command =
                PlatformStage.start(stage.ids.nextCallId(), type, referenced ? REFERENCE : Ids.ZERO, llmType, agent);

        assertThatThrownBy(() -> stage.engine.start(command)).isInstanceOfSatisfying(RequestException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.status()).isEqualTo(RequestException.Status.INVALID_ARGUMENT);
        });
        assertThat(stage.store.find(command.id())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"CALL, openai.gpt-5.1", "CALL, openai:gpt-5", "AI_CALL, ''", "AI_CALL, gemini.flash"})
    void a_start_that_makes_sense_is_taken(ReferenceType type, String llmType) {
        PipecatcallId id = stage.ids.nextCallId();

        assertThat(stage.engine
                        .start(PlatformStage.start(id, type, REFERENCE, llmType, ""))
                        .status())
                .isEqualTo(PipecatcallStatus.STARTING);
    }

    @Test
    void a_leg_nobody_asked_for_is_refused() {
        assertThat(stage.engine.admit(stage.ids.nextCallId(), new LegGate.Origin(new InetSocketAddress(0), "")))
                .isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.UNKNOWN_ID));
    }

    @Test
    void a_leg_that_knocks_during_the_lookups_is_told_apart_from_a_second_one() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);
        LegGate.Origin origin = new LegGate.Origin(new InetSocketAddress(0), "");
        assertThat(stage.engine.admit(id, origin))
                .isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.NOT_READY));

        stage.threads.release();
        stage.leg(id);
        assertThat(stage.engine.admit(id, origin))
                .isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.ALREADY_USED));
        assertThat(stage.meter.refusals()).containsExactly(LegGate.Refusal.NOT_READY, LegGate.Refusal.ALREADY_USED);
    }

    @Test
    void a_leg_that_knocks_after_the_lookups_failed_is_too_late_and_not_too_early() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);
        stage.engine.stop(id);

        assertThat(stage.engine.admit(id, new LegGate.Origin(new InetSocketAddress(0), "")))
                .isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.ALREADY_USED));
        stage.threads.release();
    }

    @Test
    void a_ping_names_the_instance() {
        assertThat(stage.engine.ping())
                .extracting(ping -> ping.hostId(), ping -> ping.instanceId())
                .containsExactly(PlatformStage.HOST.hostId(), PlatformStage.HOST.instanceId());
    }

    // ---- the way to a live call

    @Test
    void a_voice_call_comes_up_behind_the_answer() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);
        assertThat(stage.types(id)).containsExactly(EventType.PIPECATCALL_CREATED);
        assertThat(stage.launcher.launches()).isEmpty();
        assertThat(stage.calls.started()).isEmpty();

        stage.threads.release();
        assertThat(stage.calls.started())
                .containsExactly(new ExternalMediaRequest(id, REFERENCE, "10.0.0.1:9092", "slin16"));
        assertThat(stage.launcher.awaitLaunch(id)).satisfies(launch -> {
            assertThat(launch.agent()).isNull();
            assertThat(launch.assistance().llmKey().reveal()).isEqualTo("key");
            assertThat(launch.tools()).containsExactly(PlatformStage.TOOL);
        });
        LegMedia leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);

        leg.closed(LegEnd.HUNG_UP);
        assertThat(link.isClosed()).isTrue();
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
    }

    @Test
    void the_model_may_call_the_tools_that_were_looked_up_and_no_others() {
        PipecatcallId id = stage.started(true);
        var token = stage.launcher.awaitLaunch(id).token();

        assertThat(stage.engine
                        .toolCalled(id, token, new ToolCall("1", "connect_call", "{}", Map.of()))
                        .message())
                .isEqualTo("tools are not available here");
        assertThat(stage.engine
                        .toolCalled(id, token, new ToolCall("2", "stop_flow", "{}", Map.of()))
                        .message())
                .contains("no tool named");
    }

    @Test
    void the_runners_deadline_counts_from_the_end_of_the_preparation() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);
        stage.clock.advance(Duration.ofSeconds(9));
        stage.threads.release();
        stage.clock.advance(LIMITS.runnerTimeout().minusSeconds(1));
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.STARTING);

        stage.clock.advance(Duration.ofSeconds(1));
        stage.assertEnded(id, EndReason.RUNNER_TIMEOUT);
    }

    @Test
    void keys_are_only_counted() {
        PipecatcallId id = stage.started(true);
        LegMedia leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        leg.pressed('5');

        assertThat(stage.meter.count(Counter.KEY_PRESSED)).isEqualTo(1);
        assertThat(stage.types(id)).doesNotContain(EventType.DTMF_RECEIVED);
        assertThat(link.commands()).doesNotContain(new RunnerCommand.PressKey('5'));
    }

    @Test
    void a_text_session_takes_messages_and_keeps_what_was_said() {
        PipecatcallId id = stage.started(false);
        assertThat(stage.calls.started()).isEmpty();
        FakeRunnerLink link = stage.link(id);
        stage.engine.sendMessage(new MessageCommand(id, "m-1", "hello", true, true));
        link.says(new BotLlmText("Hi."));
        link.says(new BotLlmStopped());
        assertThat(link.commands()).contains(new RunnerCommand.SendText("hello", true, true));

        stage.engine.stop(id);
        stage.assertEnded(id, EndReason.REQUESTED);
        assertThat(stage.engine.messages(id))
                .extracting(SpokenMessage::position, SpokenMessage::speaker, SpokenMessage::text)
                .containsExactly(tuple(1, Speaker.MESSAGE, "hello"), tuple(2, Speaker.BOT, "Hi."));
    }

    // ---- lookups

    @Test
    void a_lookup_that_fails_ends_the_call_with_an_event_and_a_closed_record() {
        stage.lookupFailure = PlatformStage.unreachable();
        PipecatcallId id = stage.ids.nextCallId();
        assertThat(stage.engine.start(PlatformStage.voice(id)).id()).isEqualTo(id);

        assertProblem(id, "ai-manager does not answer");
        stage.assertEnded(id, EndReason.LOOKUP_FAILED);
        assertThat(stage.launcher.launches()).isEmpty();
        assertThat(stage.calls.started()).isEmpty();
    }

    @Test
    void a_lookup_that_throws_is_a_defect_and_does_not_say_what() {
        stage.lookupFailure = new IllegalStateException("a secret");
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.start(PlatformStage.voice(id));

        stage.assertEnded(id, EndReason.INTERNAL);
        assertThat(stage.events.events(id))
                .noneMatch(event -> event.payload() instanceof Problem problem
                        && problem.message().contains("secret"));
    }

    @Test
    void a_lookup_that_takes_too_long_is_given_up_and_its_late_answer_changes_nothing() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);
        stage.clock.advance(Duration.ofSeconds(10));
        assertProblem(id, "10 s");
        stage.assertEnded(id, EndReason.LOOKUP_FAILED);

        stage.threads.release();
        stage.assertEnded(id, EndReason.LOOKUP_FAILED);
        assertThat(stage.launcher.launches()).isEmpty();
        assertThat(stage.calls.started()).isEmpty();
    }

    @Test
    void a_stop_during_the_lookups_ends_the_call_at_once() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);

        assertThat(stage.engine.stop(id).status()).isEqualTo(PipecatcallStatus.ENDED);
        stage.threads.release();
        stage.assertEnded(id, EndReason.REQUESTED);
        assertThat(stage.launcher.launches()).isEmpty();
    }

    @Test
    void a_daemon_that_stops_does_not_wait_for_lookups() {
        stage.threads.hold("prepare-");
        PipecatcallId id = stage.started(true);

        assertThat(stage.engine.drain(Duration.ZERO)).isCompleted();
        stage.assertEnded(id, EndReason.SHUTDOWN);
    }

    // ---- external media

    @Test
    void media_that_cannot_be_connected_ends_the_call_and_is_taken_down_all_the_same() {
        stage.calls.failStarts(ManagerException.Kind.UNREACHABLE);
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.start(PlatformStage.voice(id));

        assertProblem(id, "UNREACHABLE");
        stage.assertEnded(id, EndReason.MEDIA_FAILED);
    }

    @Test
    void a_leg_that_is_there_is_worth_more_than_an_answer_that_is_not() {
        stage.threads.hold("media-start-");
        PipecatcallId id = stage.started(true);
        LegMedia leg = stage.leg(id);
        stage.calls.failStarts(ManagerException.Kind.UNREACHABLE);
        stage.threads.release();
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.STARTING);

        stage.link(id);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);
        leg.closed(LegEnd.HUNG_UP);
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
    }

    @Test
    void a_stop_while_media_is_asked_for_takes_it_down_when_the_answer_is_there() {
        stage.threads.hold("media-start-");
        PipecatcallId id = stage.started(true);
        stage.engine.stop(id);
        assertThat(stage.calls.stopped()).as("it would overtake the start").isEmpty();
        assertThat(stage.engine.sessionCount()).isEqualTo(1);

        stage.threads.release();
        stage.assertEnded(id, EndReason.REQUESTED);
        assertThat(stage.calls.stopped()).containsExactly(id);
    }

    @Test
    void media_that_nobody_knows_any_more_is_down() {
        PipecatcallId id = stage.started(true);
        stage.calls.failStops(ManagerException.Kind.NOT_FOUND);
        stage.engine.stop(id);

        stage.assertEnded(id, EndReason.REQUESTED);
    }

    @Test
    void taking_media_down_is_tried_three_times_and_then_left() {
        PipecatcallId id = stage.started(true);
        stage.calls.failStops(ManagerException.Kind.UNREACHABLE);
        stage.engine.stop(id);
        assertThat(stage.calls.stopped()).hasSize(1);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.ENDING);
        stage.clock.advance(Duration.ofSeconds(1));
        assertThat(stage.calls.stopped()).hasSize(2);

        stage.clock.advance(Duration.ofSeconds(3));
        assertThat(stage.calls.stopped()).hasSize(3);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.ENDED);
        stage.assertNothingIsLeft(EndReason.REQUESTED);
    }

    @Test
    void media_that_does_not_go_down_keeps_the_session_for_the_ending_limit_at_most() {
        PipecatcallId id = stage.started(true);
        stage.threads.hold("media-stop-");
        stage.engine.stop(id);
        stage.clock.advance(LIMITS.endingTimeout().minusMillis(1));
        assertThat(stage.engine.sessionCount()).isEqualTo(1);

        stage.clock.advance(Duration.ofMillis(1));
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.ENDED);
        stage.threads.release();
        stage.assertEnded(id, EndReason.REQUESTED);
    }

    @Test
    void a_leg_that_never_comes_ends_the_call() {
        PipecatcallId id = stage.started(true);
        FakeRunnerLink link = stage.link(id);
        stage.clock.advance(LIMITS.legTimeout());

        assertThat(link.isClosed()).isTrue();
        stage.assertEnded(id, EndReason.LEG_TIMEOUT);
    }

    // ---- what cannot be kept, and what is not ours any more

    @Test
    void a_full_journal_ends_the_call_as_overloaded_and_does_not_loop() {
        PipecatcallId id = stage.started(true);
        LegMedia leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        stage.journalFull = true;
        stage.threads.hold("session-");
        link.says(new UserTranscription("hello", true));
        link.says(new UserTranscription("hello?", true));
        stage.threads.release();
        stage.tick(leg);

        assertThat(link.isClosed()).isTrue();
        assertThat(stage.record(id).endReason()).isEqualTo(EndReason.OVERLOADED);
        stage.assertNothingIsLeft(EndReason.OVERLOADED);
        assertThat(stage.types(id)).doesNotContain(EventType.PIPECATCALL_TERMINATED, EventType.ERROR_REPORTED);
    }

    @Test
    void what_does_not_fit_for_a_moment_leaves_no_gap_in_the_numbers() {
        PipecatcallId id = stage.started(true);
        LegMedia leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        stage.journalFull = true;
        link.says(new UserTranscription("hello", true));
        stage.journalFull = false;
        stage.tick(leg);

        stage.assertEnded(id, EndReason.OVERLOADED);
        assertThat(stage.events.events(id))
                .extracting(event -> event.sequence())
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void a_call_that_another_daemon_closed_ends_without_a_word() {
        PipecatcallId id = stage.started(true);
        LegMedia leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        var before = stage.record(id);
        var published = stage.types(id);
        link.says(new BotLlmText("I was about to"));
        stage.engine.lost(id);
        stage.tick(leg);

        assertThat(link.isClosed()).isTrue();
        assertThat(stage.calls.stopped()).containsExactly(id);
        assertThat(stage.record(id)).isEqualTo(before);
        assertThat(stage.types(id)).isEqualTo(published);
        stage.assertNothingIsLeft(EndReason.HOST_LOST);
        stage.engine.lost(id);
    }
}
