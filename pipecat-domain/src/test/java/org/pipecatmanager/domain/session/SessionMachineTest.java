package org.pipecatmanager.domain.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.CloseLinks;
import org.pipecatmanager.domain.session.SessionEffect.CountFailedTry;
import org.pipecatmanager.domain.session.SessionEffect.GiveRunnerUp;
import org.pipecatmanager.domain.session.SessionEffect.ReportLoss;
import org.pipecatmanager.domain.session.SessionEffect.ReportProblem;
import org.pipecatmanager.domain.session.SessionEffect.ReportReplacement;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.StopRunner;
import org.pipecatmanager.domain.session.SessionEffect.WakeAt;
import org.pipecatmanager.domain.session.SessionEffect.WriteStatus;
import org.pipecatmanager.domain.session.SessionEvent.BotAudible;
import org.pipecatmanager.domain.session.SessionEvent.BotSilent;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.LegClosed;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionState.Ending;
import org.pipecatmanager.domain.session.SessionState.Live;
import org.pipecatmanager.domain.session.SessionState.Reconnecting;
import org.pipecatmanager.domain.session.SessionState.Reconnecting.Phase;
import org.pipecatmanager.domain.session.SessionState.Waiting;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerLoss;
import org.pipecatmanager.ports.model.SessionLimits;

class SessionMachineTest {
    private static final LinkEnd BROKEN = new LinkEnd(1006, LinkEnd.Cause.BROKEN);
    private static final SessionLimits LIMITS = SessionLimits.DEFAULTS;

    /** The runner's deadline lies one nanosecond behind where the monotonic clock wraps: a plain comparison shows. */
    private long now = Long.MAX_VALUE - LIMITS.runnerTimeout().toNanos() + 1;

    private SessionMachine machine =
            new SessionMachine(new SessionPlan(true, true, LIMITS.withRunnerRetries(0)), false);
    private SessionState state = machine.begin().next();
    private List<SessionEffect> effects = List.of();

    private void plan(boolean needsLeg, boolean needsInput, int retries) {
        machine = new SessionMachine(new SessionPlan(needsLeg, needsInput, LIMITS.withRunnerRetries(retries)), false);
        state = machine.begin().next();
    }

    private void hear(SessionEvent... events) {
        for (SessionEvent event : events) {
            Step step = machine.on(state, event, now);
            state = step.next();
            effects = step.effects();
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void leg_and_runner_may_come_in_either_order() {
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);

        plan(true, true, 0);
        hear(new RecordWritten(), new LinkOpened(LinkDirection.BOTH), new LegOpened());
        assertThat(state).isInstanceOf(Live.class);
    }

    @Test
    void two_sockets_make_a_session_live_only_together() {
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.OUTPUT));
        assertThat(state).isInstanceOf(Waiting.class);

        hear(new LinkOpened(LinkDirection.INPUT));
        assertThat(state).isInstanceOf(Live.class);
    }

    @Test
    void without_a_recogniser_the_output_socket_is_enough() {
        plan(true, false, 0);
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.OUTPUT));
        assertThat(state).isInstanceOf(Live.class);
    }

    @Test
    void the_input_socket_alone_is_never_enough() {
        plan(true, false, 0);
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.INPUT));
        assertThat(state).isInstanceOf(Waiting.class);
    }

    @Test
    void a_text_session_waits_for_the_runner_alone() {
        plan(false, false, 0);
        hear(new RecordWritten());
        assertThat(effects).noneMatch(effect -> effect instanceof WakeAt wake && wake.deadline() == Deadline.LEG);

        hear(new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);
    }

    @Test
    void an_early_alarm_changes_nothing() {
        hear(new RecordWritten());
        pass(LIMITS.runnerTimeout().minusNanos(1));
        hear(new DeadlinePassed(Deadline.RUNNER));
        assertThat(state).isInstanceOf(Waiting.class);

        pass(Duration.ofNanos(1));
        hear(new DeadlinePassed(Deadline.RUNNER));
        assertThat(state)
                .isInstanceOfSatisfying(
                        Ending.class, ending -> assertThat(ending.reason()).isEqualTo(EndReason.RUNNER_TIMEOUT));
    }

    @Test
    void a_runner_whose_answer_is_late_but_whose_socket_is_open_is_kept() {
        hear(new RecordWritten(), new LinkOpened(LinkDirection.BOTH), new RunnerUnreachable("no answer"));
        assertThat(state).isInstanceOf(Waiting.class);
    }

    @Test
    void every_sign_of_life_puts_off_the_idle_limit() {
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH));
        pass(LIMITS.idleTimeout().minusSeconds(1));
        hear(new Spoke());
        pass(Duration.ofSeconds(1));
        hear(new DeadlinePassed(Deadline.IDLE));
        assertThat(effects)
                .containsExactly(new WakeAt(
                        Deadline.IDLE,
                        now + LIMITS.idleTimeout().minusSeconds(1).toNanos()));

        pass(LIMITS.idleTimeout().minusSeconds(1));
        hear(new DeadlinePassed(Deadline.IDLE));
        assertThat(state)
                .isInstanceOfSatisfying(
                        Ending.class, ending -> assertThat(ending.reason()).isEqualTo(EndReason.IDLE));
    }

    @Test
    void a_bot_that_is_audible_is_not_idle_however_long_it_speaks() {
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH), new BotAudible());
        pass(LIMITS.idleTimeout().multipliedBy(3));
        hear(new DeadlinePassed(Deadline.IDLE));
        assertThat(state).isInstanceOf(Live.class);

        hear(new BotSilent());
        pass(LIMITS.idleTimeout());
        hear(new DeadlinePassed(Deadline.IDLE));
        assertThat(state).isInstanceOf(Ending.class);
    }

    @Test
    void without_retries_a_lost_runner_ends_the_call() {
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH));
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertThat(state)
                .isInstanceOfSatisfying(
                        Ending.class, ending -> assertThat(ending.reason()).isEqualTo(EndReason.RUNNER_LOST));
    }

    private void live(int retries) {
        plan(true, true, retries);
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);
    }

    private void assertEnding(EndReason reason) {
        assertThat(state)
                .isInstanceOfSatisfying(
                        Ending.class, ending -> assertThat(ending.reason()).isEqualTo(reason));
    }

    private void assertTrying(int attempt, Reconnecting.Phase phase) {
        assertThat(state).isInstanceOfSatisfying(Reconnecting.class, trying -> {
            assertThat(trying.attempt()).isEqualTo(attempt);
            assertThat(trying.phase()).isEqualTo(phase);
        });
    }

    @Test
    void with_a_try_a_lost_runner_is_replaced_after_its_remains_are_cleared() {
        live(1);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertTrying(1, Phase.CLEARING);
        assertThat(effects)
                .startsWith(new GiveRunnerUp(), new StopRunner(), new ReportLoss(1, RunnerLoss.LINK_LOST, ""))
                .noneMatch(StartRunner.class::isInstance);

        hear(new RunnerStopped());
        assertThat(effects).containsExactly(new StartRunner(1));

        pass(Duration.ofSeconds(2));
        hear(new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);
        assertThat(effects)
                .as("the music stopped long ago")
                .startsWith(new ReportReplacement(1, Duration.ofSeconds(2).toNanos()))
                .doesNotContain(new Announce(EventType.PIPECATCALL_INITIALIZED))
                .noneMatch(WriteStatus.class::isInstance);

        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertEnding(EndReason.RUNNER_LOST);
    }

    @Test
    void a_runner_that_says_itself_that_it_broke_is_replaced_too() {
        live(1);
        hear(new RunnerEnding(EndReason.RUNNER_LOST, "the pipeline broke"));
        assertTrying(1, Phase.CLEARING);
        assertThat(effects).contains(new ReportLoss(1, RunnerLoss.PIPELINE_FAILED, "the pipeline broke"));
    }

    @Test
    void a_goodbye_is_no_loss() {
        live(2);
        hear(new RunnerEnding(EndReason.TRANSFERRED, ""));
        assertEnding(EndReason.TRANSFERRED);
    }

    @Test
    void a_runner_that_is_full_or_away_is_asked_again_within_the_try() {
        live(1);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped());
        for (SessionEvent cannotNow : List.of(
                new RunnerBusy("503"),
                new RunnerUnreachable("no runner now"),
                new RunnerBusy("409, it runs already"))) {
            hear(cannotNow);
            assertTrying(1, Phase.CLEARING);
            assertThat(effects).contains(new StopRunner()).noneMatch(ReportLoss.class::isInstance);
            hear(new RunnerStopped());
            assertTrying(1, Phase.PAUSING);
            hear(new DeadlinePassed(Deadline.RETRY));
            assertThat(effects).as("too early").isEmpty();
            pass(Replacement.PAUSE);
            hear(new DeadlinePassed(Deadline.RETRY));
            assertThat(effects).containsExactly(new StartRunner(1));
        }
        hear(new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);
    }

    @Test
    void a_try_ends_with_the_runners_deadline_and_the_next_begins_after_a_pause() {
        live(2);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped());
        pass(LIMITS.runnerTimeout().minusNanos(1));
        hear(new DeadlinePassed(Deadline.RUNNER));
        assertTrying(1, Phase.STARTING);
        pass(Duration.ofNanos(1));
        hear(new DeadlinePassed(Deadline.RUNNER));
        assertTrying(2, Phase.CLEARING);
        assertThat(effects)
                .contains(new CountFailedTry())
                .anyMatch(effect -> effect instanceof ReportLoss loss && loss.loss() == RunnerLoss.TIMED_OUT);

        hear(new RunnerStopped());
        assertTrying(2, Phase.PAUSING);
        pass(Replacement.PAUSE_BETWEEN_TRIES);
        hear(new DeadlinePassed(Deadline.RETRY));
        assertThat(effects).containsExactly(new StartRunner(2));

        hear(new RunnerRefused("no such voice"));
        assertEnding(EndReason.RUNNER_LOST);
        assertThat(effects)
                .contains(new CountFailedTry())
                .anyMatch(effect -> effect instanceof ReportProblem problem
                        && problem.fatal()
                        && problem.message().contains("2 tries")
                        && problem.message().contains("no such voice"));
    }

    @Test
    void a_busy_runner_is_not_asked_beyond_the_deadline() {
        live(1);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped());
        pass(LIMITS.runnerTimeout().minus(Replacement.PAUSE));
        hear(new RunnerBusy("full"));
        assertEnding(EndReason.RUNNER_LOST);
    }

    @Test
    void after_a_while_of_health_all_tries_are_there_again() {
        live(1);
        for (int i = 0; i < 3; i++) {
            hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped());
            hear(new LinkOpened(LinkDirection.BOTH));
            pass(Replacement.HEALTHY);
        }
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped(), new LinkOpened(LinkDirection.BOTH));
        pass(Replacement.HEALTHY.minusNanos(1));
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertEnding(EndReason.RUNNER_LOST);
    }

    @Test
    void a_new_runner_that_dies_before_it_is_complete_has_failed_its_try() {
        live(2);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped());
        hear(new LinkOpened(LinkDirection.OUTPUT));
        assertTrying(1, Phase.STARTING);
        hear(new LinkClosed(LinkDirection.OUTPUT, BROKEN));
        assertTrying(2, Phase.CLEARING);
    }

    @Test
    void the_call_can_end_at_any_time_of_a_replacement() {
        List<SessionEvent> ends = List.of(
                new LegClosed(LegEnd.HUNG_UP), new EndAsked(EndReason.REQUESTED), new EndAsked(EndReason.SHUTDOWN));
        List<EndReason> reasons = List.of(EndReason.CALLER_HUNG_UP, EndReason.REQUESTED, EndReason.SHUTDOWN);
        for (int i = 0; i < ends.size(); i++) {
            live(1);
            hear(new LinkClosed(LinkDirection.BOTH, BROKEN), ends.get(i));
            assertEnding(reasons.get(i));
            assertThat(effects).contains(new StopRunner(), new CloseLinks());

            live(1);
            hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped(), ends.get(i));
            assertEnding(reasons.get(i));
        }
    }

    @Test
    void idleness_and_duration_go_on_while_a_runner_is_replaced_and_keys_count() {
        live(1);
        pass(LIMITS.idleTimeout().minusSeconds(2));
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new Spoke());
        pass(Duration.ofSeconds(2));
        hear(new DeadlinePassed(Deadline.IDLE));
        assertTrying(1, Phase.CLEARING);
        pass(LIMITS.idleTimeout());
        hear(new DeadlinePassed(Deadline.IDLE));
        assertEnding(EndReason.IDLE);

        live(1);
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        pass(LIMITS.maxDuration());
        hear(new DeadlinePassed(Deadline.MAX_DURATION));
        assertEnding(EndReason.MAX_DURATION);
    }

    @Test
    void a_text_session_is_given_another_runner_like_any_other() {
        plan(false, false, 1);
        hear(new RecordWritten(), new LinkOpened(LinkDirection.BOTH));
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN), new RunnerStopped(), new LinkOpened(LinkDirection.OUTPUT));
        assertThat(state).isInstanceOf(Live.class);
    }
}
