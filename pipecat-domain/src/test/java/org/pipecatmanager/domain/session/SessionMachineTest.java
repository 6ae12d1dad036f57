package org.pipecatmanager.domain.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.WakeAt;
import org.pipecatmanager.domain.session.SessionEvent.BotAudible;
import org.pipecatmanager.domain.session.SessionEvent.BotSilent;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionState.Ending;
import org.pipecatmanager.domain.session.SessionState.Live;
import org.pipecatmanager.domain.session.SessionState.Reconnecting;
import org.pipecatmanager.domain.session.SessionState.Waiting;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.SessionLimits;

class SessionMachineTest {
    private static final LinkEnd BROKEN = new LinkEnd(1006, LinkEnd.Cause.BROKEN);
    private static final SessionLimits LIMITS = SessionLimits.DEFAULTS;

    /** The runner's deadline lies one nanosecond behind where the monotonic clock wraps: a plain comparison shows. */
    private long now = Long.MAX_VALUE - LIMITS.runnerTimeout().toNanos() + 1;

    private SessionMachine machine = new SessionMachine(new SessionPlan(true, true, 0, LIMITS), false);
    private SessionState state = machine.begin().next();
    private List<SessionEffect> effects = List.of();

    private void plan(boolean needsLeg, boolean needsInput, int retries) {
        machine = new SessionMachine(new SessionPlan(needsLeg, needsInput, retries, LIMITS), false);
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

    @Test
    void with_a_retry_a_lost_runner_is_replaced_after_its_remains_are_cleared() {
        plan(true, true, 1);
        hear(new RecordWritten(), new LegOpened(), new LinkOpened(LinkDirection.BOTH));
        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertThat(state).isInstanceOf(Reconnecting.class);
        assertThat(effects).noneMatch(StartRunner.class::isInstance);

        hear(new RunnerStopped());
        assertThat(effects).containsExactly(new StartRunner());

        hear(new LinkOpened(LinkDirection.BOTH));
        assertThat(state).isInstanceOf(Live.class);
        assertThat(effects)
                .as("the music stopped long ago")
                .doesNotContain(new Announce(EventType.PIPECATCALL_INITIALIZED));

        hear(new LinkClosed(LinkDirection.BOTH, BROKEN));
        assertThat(state).as("the retry is used up").isInstanceOf(Ending.class);
    }
}
