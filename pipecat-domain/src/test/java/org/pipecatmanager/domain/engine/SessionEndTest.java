package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.domain.engine.Stage.LIMITS;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.CallEnding;
import org.pipecatmanager.ports.model.RunnerMessage.UserStartedSpeaking;
import org.pipecatmanager.ports.model.StartCommand;

/** Every way a call ends: once, with its reason, a closed record, one terminated event and nothing left. */
class SessionEndTest {
    private final Stage stage = new Stage();

    private static final LinkEnd GOODBYE = new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_RUNNER);
    private static final LinkEnd BROKEN = new LinkEnd(1006, LinkEnd.Cause.BROKEN);

    @Test
    void the_caller_hangs_up() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        leg.closes(LegEnd.HUNG_UP);

        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
        assertThat(link.isClosed()).isTrue();
        assertThat(stage.types(id))
                .containsExactly(
                        EventType.PIPECATCALL_CREATED,
                        EventType.PIPECATCALL_INITIALIZED,
                        EventType.PIPECATCALL_TERMINATED);
    }

    @Test
    void the_leg_breaks_the_protocol() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.link(id);
        leg.closes(LegEnd.PROTOCOL_ERROR);

        stage.assertEnded(id, EndReason.LEG_LOST);
    }

    @Test
    void the_bot_says_goodbye() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.link(id).closes(GOODBYE);
        leg.tick();

        assertThat(leg.sink.ended()).isTrue();
        stage.assertEnded(id, EndReason.BOT_ENDED);
    }

    @Test
    void the_runner_says_why_it_ends() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        link.says(new CallEnding(EndReason.IDLE, ""));
        leg.tick();

        assertThat(link.isClosed()).isTrue();
        stage.assertEnded(id, EndReason.IDLE);
    }

    @Test
    void the_link_breaks() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.link(id).closes(BROKEN);
        leg.tick();

        stage.assertEnded(id, EndReason.RUNNER_LOST);
    }

    @Test
    void the_runner_refuses() {
        stage.launcher.refuse("no such voice");
        PipecatcallId id = stage.ids.nextCallId();
        Stage.Leg leg = stage.leg(id);
        leg.tick();

        stage.assertEnded(id, EndReason.RUNNER_REFUSED);
        assertThat(stage.events.events(id))
                .anyMatch(event -> event.payload() instanceof Problem problem
                        && problem.message().equals("no such voice")
                        && problem.fatal());
    }

    @Test
    void the_runner_is_not_there() {
        stage.launcher.disappear();
        PipecatcallId id = stage.ids.nextCallId();
        stage.leg(id).tick();

        stage.assertEnded(id, EndReason.RUNNER_TIMEOUT);
    }

    @Test
    void the_leg_never_comes() {
        PipecatcallId id = stage.register("reception");
        FakeRunnerLink link = stage.link(id);
        stage.pass(LIMITS.legTimeout());

        assertThat(link.isClosed()).isTrue();
        stage.assertEnded(id, EndReason.LEG_TIMEOUT);
    }

    @Test
    void the_runner_never_connects_back() {
        PipecatcallId id = stage.ids.nextCallId();
        Stage.Leg leg = stage.leg(id);
        stage.pass(LIMITS.runnerTimeout());
        leg.tick();

        stage.assertEnded(id, EndReason.RUNNER_TIMEOUT);
    }

    @Test
    void when_neither_comes_the_shorter_deadline_is_the_reason() {
        PipecatcallId id = stage.register("reception");
        stage.pass(LIMITS.legTimeout().plus(LIMITS.runnerTimeout()));

        stage.assertEnded(id, EndReason.RUNNER_TIMEOUT);
    }

    @Test
    void a_second_stop_is_a_no_op() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.link(id);

        assertThat(stage.engine.stop(id).status()).isEqualTo(PipecatcallStatus.ENDING);
        assertThat(stage.engine.stop(id).status()).isEqualTo(PipecatcallStatus.ENDING);
        leg.tick();
        stage.assertEnded(id, EndReason.REQUESTED);
        assertThat(stage.engine.stop(id)).isEqualTo(stage.record(id));
        assertThat(stage.engine.start(StartCommand.ofAgent(id, "reception")))
                .as("the same start, also after the end")
                .isEqualTo(stage.record(id));
    }

    @Test
    void a_stop_while_waiting_ends_the_call() {
        PipecatcallId id = stage.register("reception");
        stage.engine.stop(id);

        stage.assertEnded(id, EndReason.REQUESTED);
    }

    @Test
    void a_start_that_is_still_going_on_is_stopped_when_it_comes_back() {
        stage.threads.hold("runner-start");
        PipecatcallId id = stage.register("reception");
        stage.engine.stop(id);
        assertThat(stage.launcher.stops()).containsExactly(id);
        assertThat(stage.engine.sessionCount()).isEqualTo(1);

        stage.threads.release();
        assertThat(stage.launcher.stops()).containsExactly(id, id);
        stage.assertEnded(id, EndReason.REQUESTED);
    }

    @Test
    void what_does_not_close_in_time_does_not_keep_the_session() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        stage.link(id);
        stage.engine.stop(id);
        assertThat(stage.engine.sessionCount()).isEqualTo(1);

        stage.pass(LIMITS.endingTimeout());
        stage.assertEnded(id, EndReason.REQUESTED);
    }

    @Test
    void nobody_speaks() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        stage.pass(LIMITS.idleTimeout().minusSeconds(1));
        link.says(new UserStartedSpeaking());
        stage.pass(LIMITS.idleTimeout().minusSeconds(1));
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);

        stage.pass(Duration.ofSeconds(1));
        leg.tick();
        stage.assertEnded(id, EndReason.IDLE);
    }

    @Test
    void the_call_is_too_long() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        for (Duration t = Duration.ZERO; t.compareTo(LIMITS.maxDuration()) < 0; t = t.plusMinutes(4)) {
            link.says(new UserStartedSpeaking());
            stage.pass(Duration.ofMinutes(4));
        }
        leg.tick();

        stage.assertEnded(id, EndReason.MAX_DURATION);
    }

    @Test
    void the_mailbox_runs_over() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        stage.threads.hold("session-");
        for (int i = 0; i < 65; i++) {
            link.says(new BotLlmText("word "));
        }
        stage.threads.release();
        leg.tick();

        stage.assertEnded(id, EndReason.OVERLOADED);
    }

    @Test
    void text_only_ends_without_a_leg() {
        PipecatcallId id = stage.register("chat");
        assertThat(stage.knock(id)).isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.ALREADY_USED));
        FakeRunnerLink link = stage.link(id);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);
        link.closes(GOODBYE);

        stage.assertEnded(id, EndReason.BOT_ENDED);
    }

    @Test
    void text_that_is_under_way_is_published_before_the_end() {
        PipecatcallId id = stage.register("chat");
        FakeRunnerLink link = stage.link(id);
        link.says(new BotLlmText("We are"));
        link.closes(BROKEN);

        stage.assertEnded(id, EndReason.RUNNER_LOST);
        assertThat(stage.types(id)).endsWith(EventType.MESSAGE_BOT_LLM, EventType.PIPECATCALL_TERMINATED);
    }

    @Test
    void draining_lets_calls_end_and_then_ends_the_rest() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.link(id);
        var drained = stage.engine.drain(Duration.ofSeconds(30));
        assertThat(stage.knock(stage.ids.nextCallId()))
                .isEqualTo(new LegGate.LegAdmission.Refused(LegGate.Refusal.STOPPING));
        stage.pass(Duration.ofSeconds(29));
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);

        stage.pass(Duration.ofSeconds(1));
        leg.tick();
        assertThat(drained).isCompleted();
        stage.assertEnded(id, EndReason.SHUTDOWN);
    }

    @Test
    void a_drain_without_calls_is_over_at_once() {
        assertThat(stage.engine.drain(Duration.ofSeconds(30))).isCompleted();
        stage.engine.close();
        assertThat(stage.clock.pendingAlarms()).isZero();
    }

    @Test
    void a_record_that_cannot_be_kept_ends_the_call_as_overloaded_once() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.store.breakWrites();
        FakeRunnerLink link = stage.link(id);
        leg.tick();
        assertThat(link.isClosed()).isTrue();
        assertThat(stage.types(id))
                .containsExactly(
                        EventType.PIPECATCALL_CREATED,
                        EventType.PIPECATCALL_INITIALIZED,
                        EventType.PIPECATCALL_TERMINATED);
        assertThat(stage.meter.endReasons()).containsExactly(EndReason.OVERLOADED);
        assertThat(stage.engine.sessionCount()).isZero();
    }

    @Test
    void a_record_that_somebody_took_away_is_reported_and_the_call_goes_on() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.store.loseRecords();
        FakeRunnerLink link = stage.link(id);
        assertThat(stage.types(id)).contains(EventType.ERROR_REPORTED, EventType.PIPECATCALL_INITIALIZED);
        assertThat(link.isClosed()).isFalse();

        stage.store.repair();
        leg.closes(LegEnd.HUNG_UP);
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
    }

    @Test
    void a_caller_whose_record_cannot_be_written_is_sent_away() {
        stage.store.breakWrites();
        PipecatcallId id = stage.ids.nextCallId();
        Stage.Leg leg = stage.leg(id);
        leg.tick();

        assertThat(leg.sink.ended()).isTrue();
        assertThat(stage.meter.endReasons()).containsExactly(EndReason.INTERNAL);
        assertThat(stage.events.events(id)).isEmpty();
        assertThat(stage.engine.sessionCount()).isZero();
        assertThat(stage.launcher.launches()).isEmpty();
    }
}
