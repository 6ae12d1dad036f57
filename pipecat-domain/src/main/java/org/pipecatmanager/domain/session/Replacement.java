package org.pipecatmanager.domain.session;

import static org.pipecatmanager.domain.session.SessionMachine.isBefore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.domain.session.SessionEffect.CountFailedTry;
import org.pipecatmanager.domain.session.SessionEffect.GiveRunnerUp;
import org.pipecatmanager.domain.session.SessionEffect.ReportLoss;
import org.pipecatmanager.domain.session.SessionEffect.ReportReplacement;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.StopRunner;
import org.pipecatmanager.domain.session.SessionEffect.WakeAt;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.LegClosed;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.OfMedia;
import org.pipecatmanager.domain.session.SessionEvent.OfPreparation;
import org.pipecatmanager.domain.session.SessionEvent.OfSpeech;
import org.pipecatmanager.domain.session.SessionEvent.RecordFailed;
import org.pipecatmanager.domain.session.SessionEvent.RecordTaken;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionState.Live;
import org.pipecatmanager.domain.session.SessionState.Reconnecting;
import org.pipecatmanager.domain.session.SessionState.Reconnecting.Phase;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.RunnerLoss;

/**
 * The part of the machine that replaces a lost runner while its caller is kept.
 *
 * <p>A try clears the remains of the pipeline before, asks for a new one and waits for its sockets, until the runner's
 * deadline. Within it a runner that is full, still holds the id or is being started again is asked anew after a pause. A try
 * that fails is followed, after a longer pause, by the next; when they are used up the call ends. A runner that stayed for a
 * while has earned the call all its tries again.
 *
 * <p>What is heard here of sockets and starts is the new pipeline's: nobody listens to the one that was given up.
 */
final class Replacement {
    /** Live for so long, a call that loses its runner has all its tries again. */
    static final Duration HEALTHY = Duration.ofSeconds(60);
    /** Before a runner that could not take the call is asked again: a supervisor replaces a worker in about a second. */
    static final Duration PAUSE = Duration.ofMillis(500);
    /** Before the second try and those after it. */
    static final Duration PAUSE_BETWEEN_TRIES = Duration.ofSeconds(1);

    private final SessionPlan plan;
    private final SessionMachine machine;

    Replacement(SessionPlan plan, SessionMachine machine) {
        this.plan = plan;
        this.machine = machine;
    }

    /** Whether a try is left for a runner that is lost now. */
    boolean isPossible(Live state, long now) {
        return used(state, now) < plan.limits().runnerRetries();
    }

    /** The runner is lost. */
    Step begin(Live state, RunnerLoss loss, String message, long now) {
        long runnerBy = now + plan.limits().runnerTimeout().toNanos();
        int attempt = used(state, now) + 1;
        return cleared(
                new Reconnecting(
                        attempt, Phase.CLEARING, OpenLinks.NONE, now, now, runnerBy, state.idleBy(), state.endBy()),
                List.of(new ReportLoss(attempt, loss, message)));
    }

    private static int used(Live state, long now) {
        return isBefore(now, state.since() + HEALTHY.toNanos()) ? state.attempts() : 0;
    }

    Step on(Reconnecting state, SessionEvent event, long now) {
        boolean starting = state.phase() == Phase.STARTING;
        return switch (event) {
            case RunnerStopped e -> state.phase() == Phase.CLEARING ? startOrPause(state, now) : Step.to(state);
            case LinkOpened e ->
                starting ? liveIfComplete(state.withLinks(state.links().plus(e.direction())), now) : Step.to(state);
            case LinkClosed e -> starting ? failed(state, RunnerLoss.LINK_LOST, "", now) : Step.to(state);
            case RunnerRefused e -> starting ? failed(state, RunnerLoss.REFUSED, e.message(), now) : Step.to(state);
            case RunnerBusy e -> starting ? soon(state, RunnerLoss.REFUSED, e.message(), now) : Step.to(state);
            case RunnerUnreachable e ->
                starting && state.links().isEmpty()
                        ? soon(state, RunnerLoss.UNREACHABLE, e.message(), now)
                        : Step.to(state);
            case RunnerEnding e -> starting ? runnerEnding(state, e, now) : Step.to(state);
            case DeadlinePassed e -> onTime(state, e.deadline(), now);
            case LegClosed e -> machine.ending(SessionMachine.reasonOf(e.how()), false, state.links(), now);
            case EndAsked e -> machine.ending(e.reason(), plan.needsLeg(), state.links(), now);
            case OfSpeech e -> Step.to(state.withSpeech(machine.idleFrom(now)));
            case RecordFailed e -> SessionMachine.recordFailed(state, e);
            case RecordWritten e -> Step.to(state);
            case RecordTaken e -> Step.to(state);
            case OfPreparation e -> Step.to(state);
            case OfMedia e -> Step.to(state);
            case LegOpened e -> Step.to(state);
        };
    }

    private Step startOrPause(Reconnecting state, long now) {
        return isBefore(now, state.startAt())
                ? Step.to(state.in(Phase.PAUSING), new WakeAt(Deadline.RETRY, state.startAt()))
                : Step.to(state.in(Phase.STARTING), new StartRunner(state.attempt()));
    }

    /** The caller heard nothing of it: no second announcement. While nobody could be heard, nobody was idle. */
    private Step liveIfComplete(Reconnecting state, long now) {
        if (!state.links().suffice(plan)) {
            return Step.to(state);
        }
        long idleBy = machine.idleFrom(now);
        return Step.to(
                new Live(state.links(), state.attempt(), now, false, idleBy, state.endBy()),
                new ReportReplacement(state.attempt(), now - state.lostAt()),
                new WakeAt(Deadline.IDLE, idleBy));
    }

    private Step runnerEnding(Reconnecting state, RunnerEnding event, long now) {
        return event.reason() == EndReason.RUNNER_LOST
                ? failed(state, RunnerLoss.PIPELINE_FAILED, event.message(), now)
                : machine.farewell(event, plan.needsLeg(), state.links(), now);
    }

    /** The same try goes on after a pause, if its time allows. */
    private Step soon(Reconnecting state, RunnerLoss loss, String message, long now) {
        long startAt = now + PAUSE.toNanos();
        return isBefore(startAt, state.runnerBy())
                ? cleared(state.again(startAt), List.of())
                : failed(state, loss, message, now);
    }

    private Step failed(Reconnecting state, RunnerLoss loss, String message, long now) {
        int next = state.attempt() + 1;
        if (next > plan.limits().runnerRetries()) {
            return machine.ending(
                    EndReason.RUNNER_LOST,
                    plan.needsLeg(),
                    state.links(),
                    now,
                    new CountFailedTry(),
                    SessionMachine.runnerProblem(lastWords(state, loss, message)));
        }
        long startAt = now + PAUSE_BETWEEN_TRIES.toNanos();
        long runnerBy = startAt + plan.limits().runnerTimeout().toNanos();
        return cleared(
                new Reconnecting(
                        next,
                        Phase.CLEARING,
                        OpenLinks.NONE,
                        state.lostAt(),
                        startAt,
                        runnerBy,
                        state.idleBy(),
                        state.endBy()),
                List.of(new CountFailedTry(), new ReportLoss(next, loss, message)));
    }

    private static String lastWords(Reconnecting state, RunnerLoss loss, String message) {
        String tries = state.attempt() == 1 ? "1 try" : state.attempt() + " tries";
        return "the runner was lost and not replaced in " + tries + "; the last: " + loss.wireName()
                + (message.isEmpty() ? "" : ", " + message);
    }

    private Step cleared(Reconnecting state, List<SessionEffect> reports) {
        List<SessionEffect> effects = new ArrayList<>(List.of(new GiveRunnerUp(), new StopRunner()));
        effects.addAll(reports);
        effects.add(new WakeAt(Deadline.RUNNER, state.runnerBy()));
        return new Step(state, effects);
    }

    private Step onTime(Reconnecting state, Deadline deadline, long now) {
        return switch (deadline) {
            case RUNNER ->
                isBefore(now, state.runnerBy())
                        ? Step.to(state)
                        : failed(
                                state,
                                RunnerLoss.TIMED_OUT,
                                "it did not connect back within "
                                        + plan.limits().runnerTimeout(),
                                now);
            case RETRY ->
                state.phase() == Phase.PAUSING && !isBefore(now, state.startAt())
                        ? startOrPause(state, now)
                        : Step.to(state);
            case IDLE ->
                isBefore(now, state.idleBy())
                        ? Step.to(state, new WakeAt(Deadline.IDLE, state.idleBy()))
                        : machine.ending(EndReason.IDLE, plan.needsLeg(), state.links(), now);
            case MAX_DURATION ->
                isBefore(now, state.endBy())
                        ? Step.to(state)
                        : machine.ending(EndReason.MAX_DURATION, plan.needsLeg(), state.links(), now);
            case PREPARE, LEG, ENDING -> Step.to(state);
        };
    }
}
