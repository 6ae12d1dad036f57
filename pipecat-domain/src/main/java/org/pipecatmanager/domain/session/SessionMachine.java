package org.pipecatmanager.domain.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.CloseLinks;
import org.pipecatmanager.domain.session.SessionEffect.EndLeg;
import org.pipecatmanager.domain.session.SessionEffect.FinishConversation;
import org.pipecatmanager.domain.session.SessionEffect.InsertRecord;
import org.pipecatmanager.domain.session.SessionEffect.Prepare;
import org.pipecatmanager.domain.session.SessionEffect.Release;
import org.pipecatmanager.domain.session.SessionEffect.ReportProblem;
import org.pipecatmanager.domain.session.SessionEffect.StartMedia;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.StopMedia;
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
import org.pipecatmanager.domain.session.SessionEvent.MediaFailed;
import org.pipecatmanager.domain.session.SessionEvent.MediaStopped;
import org.pipecatmanager.domain.session.SessionEvent.OfLeg;
import org.pipecatmanager.domain.session.SessionEvent.OfLink;
import org.pipecatmanager.domain.session.SessionEvent.OfMedia;
import org.pipecatmanager.domain.session.SessionEvent.OfPreparation;
import org.pipecatmanager.domain.session.SessionEvent.OfRecord;
import org.pipecatmanager.domain.session.SessionEvent.OfRunner;
import org.pipecatmanager.domain.session.SessionEvent.OfSpeech;
import org.pipecatmanager.domain.session.SessionEvent.PreparationFailed;
import org.pipecatmanager.domain.session.SessionEvent.Prepared;
import org.pipecatmanager.domain.session.SessionEvent.RecordFailed;
import org.pipecatmanager.domain.session.SessionEvent.RecordTaken;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionState.Accepted;
import org.pipecatmanager.domain.session.SessionState.Ended;
import org.pipecatmanager.domain.session.SessionState.Ending;
import org.pipecatmanager.domain.session.SessionState.Live;
import org.pipecatmanager.domain.session.SessionState.Preparing;
import org.pipecatmanager.domain.session.SessionState.Reconnecting;
import org.pipecatmanager.domain.session.SessionState.Waiting;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.RunnerLoss;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * Decides what every event means in every state. Immutable, pure, safe for all threads.
 *
 * <p>Leg and runner close in either order, stop arrives twice, alarms ring late: an event that means nothing in a state
 * leaves it as it is, without effects. The first reason to end is the one that stays.
 *
 * <p>A bot that says goodbye closes its socket only when everything before was heard at the leg, so the leg is ended at once.
 */
public final class SessionMachine {
    /** What other services have to say what a call needs: beyond each one's deadline, within a caller's patience. */
    static final Duration PREPARE_LIMIT = Duration.ofSeconds(10);

    private final SessionPlan plan;
    private final Replacement replacement;
    private final boolean decided;
    private final boolean media;

    /**
     * The machine of a session of which is known what it needs, from the start or since its preparation.
     *
     * @param media whether Asterisk is to be asked to connect the call's media to us
     */
    public SessionMachine(SessionPlan plan, boolean media) {
        this(plan, true, media);
    }

    private SessionMachine(SessionPlan plan, boolean decided, boolean media) {
        this.plan = plan;
        this.replacement = new Replacement(plan, this);
        this.decided = decided;
        this.media = media;
    }

    /** The machine of a session until {@link SessionEvent.Prepared}; of the limits only the longest duration counts. */
    public static SessionMachine undecided(SessionLimits limits) {
        return new SessionMachine(new SessionPlan(false, false, limits), false, false);
    }

    /** The first step of every session. */
    public Step begin() {
        return Step.to(new Accepted(), new InsertRecord());
    }

    /**
     * The step that follows from one event.
     *
     * @param now monotonic clock, nanoseconds
     */
    public Step on(SessionState state, SessionEvent event, long now) {
        return switch (state) {
            case Accepted accepted -> onAccepted(accepted, event, now);
            case Preparing preparing -> onPreparing(preparing, event, now);
            case Waiting waiting -> onWaiting(waiting, event, now);
            case Live live -> onLive(live, event, now);
            case Reconnecting reconnecting -> replacement.on(reconnecting, event, now);
            case Ending ending -> onEnding(ending, event, now);
            case Ended ended -> onEnded(ended, event);
        };
    }

    /** The store answers before anything else is heard, so nothing but its answer has a meaning here. */
    private Step onAccepted(Accepted state, SessionEvent event, long now) {
        return switch (event) {
            case RecordWritten e -> begun(now);
            case RecordTaken e -> Step.to(new Ended(EndReason.INTERNAL), new EndLeg(), new Release());
            case RecordFailed e -> Step.to(new Ended(EndReason.INTERNAL), new EndLeg(), new Release());
            case OfPreparation e -> Step.to(state);
            case OfMedia e -> Step.to(state);
            case OfLeg e -> Step.to(state);
            case OfLink e -> Step.to(state);
            case OfRunner e -> Step.to(state);
            case OfSpeech e -> Step.to(state);
            case EndAsked e -> Step.to(state);
            case DeadlinePassed e -> Step.to(state);
        };
    }

    private Step begun(long now) {
        long endBy = now + plan.limits().maxDuration().toNanos();
        List<SessionEffect> effects = new ArrayList<>();
        effects.add(new Announce(EventType.PIPECATCALL_CREATED));
        effects.add(new WakeAt(Deadline.MAX_DURATION, endBy));
        if (decided) {
            return waiting(effects, endBy, now);
        }
        long prepareBy = now + PREPARE_LIMIT.toNanos();
        effects.add(new WakeAt(Deadline.PREPARE, prepareBy));
        effects.add(new Prepare());
        return new Step(new Preparing(prepareBy, endBy), effects);
    }

    /** Nothing is open and nobody was asked for anything: what ends a session here ends it at once. */
    private Step onPreparing(Preparing state, SessionEvent event, long now) {
        return switch (event) {
            case Prepared e -> waiting(new ArrayList<>(), state.endBy(), now);
            case PreparationFailed e -> ended(e.reason(), managerProblem(e.message()));
            case EndAsked e -> ended(e.reason());
            case DeadlinePassed e -> onPreparingTooLong(state, e.deadline(), now);
            case RecordFailed e -> recordFailed(state, e);
            case RecordWritten e -> Step.to(state);
            case RecordTaken e -> Step.to(state);
            case OfMedia e -> Step.to(state);
            case OfLeg e -> Step.to(state);
            case OfLink e -> Step.to(state);
            case OfRunner e -> Step.to(state);
            case OfSpeech e -> Step.to(state);
        };
    }

    private Step onPreparingTooLong(Preparing state, Deadline deadline, long now) {
        return switch (deadline) {
            case PREPARE ->
                isBefore(now, state.prepareBy())
                        ? Step.to(state)
                        : ended(
                                EndReason.LOOKUP_FAILED,
                                managerProblem("what the call needs was not known after " + PREPARE_LIMIT.toSeconds()
                                        + " s; are call-manager and ai-manager well?"));
            case MAX_DURATION -> isBefore(now, state.endBy()) ? Step.to(state) : ended(EndReason.MAX_DURATION);
            case LEG, RUNNER, RETRY, IDLE, ENDING -> Step.to(state);
        };
    }

    private Step waiting(List<SessionEffect> effects, long endBy, long now) {
        long legBy = now + plan.limits().legTimeout().toNanos();
        long runnerBy = now + plan.limits().runnerTimeout().toNanos();
        effects.add(new StartRunner(0));
        if (media) {
            effects.add(new StartMedia());
        }
        if (plan.needsLeg()) {
            effects.add(new WakeAt(Deadline.LEG, legBy));
        }
        effects.add(new WakeAt(Deadline.RUNNER, runnerBy));
        return new Step(new Waiting(false, OpenLinks.NONE, legBy, runnerBy, endBy), effects);
    }

    private Step onWaiting(Waiting state, SessionEvent event, long now) {
        return switch (event) {
            case LegOpened e -> liveIfComplete(state.withLeg(), now);
            case LinkOpened e -> liveIfComplete(state.withLinks(state.links().plus(e.direction())), now);
            case LegClosed e -> ending(reasonOf(e.how()), false, state.links(), now);
            case LinkClosed e ->
                ending(reasonOf(e.end()), state.legUp(), state.links().minus(e.direction()), now);
            case RunnerRefused e -> refused(e.message(), state.legUp(), state.links(), now);
            case RunnerBusy e -> refused(e.message(), state.legUp(), state.links(), now);
            case RunnerUnreachable e when state.links().suffice(plan) -> Step.to(state);
            case RunnerUnreachable e ->
                ending(EndReason.RUNNER_TIMEOUT, state.legUp(), state.links(), now, runnerProblem(e.message()));
            case MediaFailed e when state.legUp() -> Step.to(state);
            case MediaFailed e ->
                ending(EndReason.MEDIA_FAILED, false, state.links(), now, managerProblem(e.message()));
            case MediaStopped e -> Step.to(state);
            case OfPreparation e -> Step.to(state);
            case RunnerEnding e -> farewell(e, state.legUp(), state.links(), now);
            case EndAsked e -> ending(e.reason(), state.legUp(), state.links(), now);
            case DeadlinePassed e -> onWaitingTooLong(state, e.deadline(), now);
            case RecordFailed e -> recordFailed(state, e);
            case RecordWritten e -> Step.to(state);
            case RecordTaken e -> Step.to(state);
            case RunnerStopped e -> Step.to(state);
            case OfSpeech e -> Step.to(state);
        };
    }

    private Step liveIfComplete(Waiting state, long now) {
        boolean legMissing = plan.needsLeg() && !state.legUp();
        if (legMissing || !state.links().suffice(plan)) {
            return Step.to(state);
        }
        long idleBy = now + plan.limits().idleTimeout().toNanos();
        return Step.to(
                new Live(state.links(), 0, now, false, idleBy, state.endBy()),
                new WriteStatus(PipecatcallStatus.LIVE, null),
                new Announce(EventType.PIPECATCALL_INITIALIZED),
                new WakeAt(Deadline.IDLE, idleBy));
    }

    private Step onWaitingTooLong(Waiting state, Deadline deadline, long now) {
        return switch (deadline) {
            case LEG ->
                state.legUp() || isBefore(now, state.legBy())
                        ? Step.to(state)
                        : ending(EndReason.LEG_TIMEOUT, false, state.links(), now);
            case RUNNER ->
                state.links().suffice(plan) || isBefore(now, state.runnerBy())
                        ? Step.to(state)
                        : ending(EndReason.RUNNER_TIMEOUT, state.legUp(), state.links(), now);
            case MAX_DURATION ->
                isBefore(now, state.endBy())
                        ? Step.to(state)
                        : ending(EndReason.MAX_DURATION, state.legUp(), state.links(), now);
            case PREPARE, RETRY, IDLE, ENDING -> Step.to(state);
        };
    }

    private Step onLive(Live state, SessionEvent event, long now) {
        return switch (event) {
            case LegClosed e -> ending(reasonOf(e.how()), false, state.links(), now);
            case LinkClosed e -> linkClosed(e, state, now);
            case LinkOpened e -> Step.to(state.withLinks(state.links().plus(e.direction())));
            case RunnerRefused e -> refusedAfterAll(e.message(), state, now);
            case RunnerBusy e -> refusedAfterAll(e.message(), state, now);
            case RunnerEnding e -> runnerEnding(e, state, now);
            case EndAsked e -> ending(e.reason(), plan.needsLeg(), state.links(), now);
            case DeadlinePassed e -> onLiveTooLong(state, e.deadline(), now);
            case Spoke e -> Step.to(state.withSpeech(state.botAudible(), idleFrom(now)));
            case BotAudible e -> Step.to(state.withSpeech(true, idleFrom(now)));
            case BotSilent e -> Step.to(state.withSpeech(false, idleFrom(now)));
            case RecordFailed e -> recordFailed(state, e);
            case RecordWritten e -> Step.to(state);
            case RecordTaken e -> Step.to(state);
            case OfPreparation e -> Step.to(state);
            case OfMedia e -> Step.to(state);
            case LegOpened e -> Step.to(state);
            case RunnerUnreachable e -> Step.to(state);
            case RunnerStopped e -> Step.to(state);
        };
    }

    private Step linkClosed(LinkClosed event, Live state, long now) {
        EndReason reason = reasonOf(event.end());
        OpenLinks left = state.links().minus(event.direction());
        return reason == EndReason.RUNNER_LOST && replacement.isPossible(state, now)
                ? replacement.begin(state, RunnerLoss.LINK_LOST, "", now)
                : ending(reason, plan.needsLeg(), left, now);
    }

    private Step runnerEnding(RunnerEnding event, Live state, long now) {
        return event.reason() == EndReason.RUNNER_LOST && replacement.isPossible(state, now)
                ? replacement.begin(state, RunnerLoss.PIPELINE_FAILED, event.message(), now)
                : farewell(event, plan.needsLeg(), state.links(), now);
    }

    /** Its sockets were open before it answered the start. */
    private Step refusedAfterAll(String message, Live state, long now) {
        return replacement.isPossible(state, now)
                ? replacement.begin(state, RunnerLoss.REFUSED, message, now)
                : refused(message, plan.needsLeg(), state.links(), now);
    }

    long idleFrom(long now) {
        return now + plan.limits().idleTimeout().toNanos();
    }

    private Step onLiveTooLong(Live state, Deadline deadline, long now) {
        return switch (deadline) {
            case IDLE -> {
                long idleBy = state.botAudible() ? idleFrom(now) : state.idleBy();
                yield isBefore(now, idleBy)
                        ? Step.to(state, new WakeAt(Deadline.IDLE, idleBy))
                        : ending(EndReason.IDLE, plan.needsLeg(), state.links(), now);
            }
            case MAX_DURATION ->
                isBefore(now, state.endBy())
                        ? Step.to(state)
                        : ending(EndReason.MAX_DURATION, plan.needsLeg(), state.links(), now);
            case PREPARE, LEG, RUNNER, RETRY, ENDING -> Step.to(state);
        };
    }

    Step farewell(RunnerEnding event, boolean legOpen, OpenLinks links, long now) {
        return event.reason() == EndReason.RUNNER_LOST
                ? ending(event.reason(), legOpen, links, now, runnerProblem(event.message()))
                : ending(event.reason(), legOpen, links, now);
    }

    private Step refused(String message, boolean legOpen, OpenLinks links, long now) {
        return ending(EndReason.RUNNER_REFUSED, legOpen, links, now, runnerProblem(message));
    }

    static ReportProblem runnerProblem(String message) {
        return new ReportProblem("runner", message, true);
    }

    private static ReportProblem managerProblem(String message) {
        return new ReportProblem("manager", message, true);
    }

    /** What the caller hears comes first; the store may take its time. */
    Step ending(EndReason reason, boolean legOpen, OpenLinks links, long now, SessionEffect... before) {
        long by = now + plan.limits().endingTimeout().toNanos();
        List<SessionEffect> effects = new ArrayList<>();
        effects.add(new EndLeg());
        effects.add(new CloseLinks());
        effects.add(new StopRunner());
        if (media) {
            effects.add(new StopMedia());
        }
        effects.addAll(List.of(before));
        effects.add(new WriteStatus(PipecatcallStatus.ENDING, reason));
        effects.add(new WakeAt(Deadline.ENDING, by));
        return new Step(new Ending(reason, legOpen, links, false, !media, by), effects);
    }

    private Step onEnding(Ending state, SessionEvent event, long now) {
        return switch (event) {
            case LegClosed e -> endedIfNothingIsLeft(state.withLeg(false));
            case LinkClosed e ->
                endedIfNothingIsLeft(state.withLinks(state.links().minus(e.direction())));
            case RunnerStopped e -> endedIfNothingIsLeft(state.withRunnerStopped());
            case MediaStopped e -> endedIfNothingIsLeft(state.withMediaStopped());
            case LegOpened e -> Step.to(state.withLeg(true), new EndLeg());
            case LinkOpened e -> Step.to(state.withLinks(state.links().plus(e.direction())), new CloseLinks());
            case DeadlinePassed e ->
                e.deadline() == Deadline.ENDING && !isBefore(now, state.by()) ? ended(state.reason()) : Step.to(state);
            case RecordFailed e -> recordFailed(state, e);
            case RecordWritten e -> Step.to(state);
            case RecordTaken e -> Step.to(state);
            case MediaFailed e -> Step.to(state);
            case OfPreparation e -> Step.to(state);
            case RunnerRefused e -> Step.to(state);
            case RunnerBusy e -> Step.to(state);
            case RunnerUnreachable e -> Step.to(state);
            case RunnerEnding e -> Step.to(state);
            case OfSpeech e -> Step.to(state);
            case EndAsked e -> Step.to(state);
        };
    }

    private Step endedIfNothingIsLeft(Ending state) {
        return state.nothingIsLeft() ? ended(state.reason()) : Step.to(state);
    }

    private static Step ended(EndReason reason, SessionEffect... before) {
        List<SessionEffect> effects = new ArrayList<>(List.of(before));
        effects.add(new FinishConversation());
        effects.add(new WriteStatus(PipecatcallStatus.ENDED, reason));
        effects.add(new Announce(EventType.PIPECATCALL_TERMINATED));
        effects.add(new Release());
        return new Step(new Ended(reason), effects);
    }

    /** Who was let in while the session ended is sent away. */
    private Step onEnded(Ended state, SessionEvent event) {
        return switch (event) {
            case LegOpened e -> Step.to(state, new EndLeg());
            case LinkOpened e -> Step.to(state, new CloseLinks());
            case LegClosed e -> Step.to(state);
            case LinkClosed e -> Step.to(state);
            case OfRecord e -> Step.to(state);
            case OfPreparation e -> Step.to(state);
            case OfMedia e -> Step.to(state);
            case OfRunner e -> Step.to(state);
            case OfSpeech e -> Step.to(state);
            case EndAsked e -> Step.to(state);
            case DeadlinePassed e -> Step.to(state);
        };
    }

    /** A call goes on although somebody took its record away; an operator hears of it. */
    static Step recordFailed(SessionState state, RecordFailed event) {
        return Step.to(state, new ReportProblem("daemon", event.message(), false));
    }

    /** By difference, because the monotonic clock may wrap. */
    static boolean isBefore(long now, long deadline) {
        return now - deadline < 0;
    }

    static EndReason reasonOf(LegEnd how) {
        return switch (how) {
            case HUNG_UP -> EndReason.CALLER_HUNG_UP;
            case SERVER_STOPPED -> EndReason.SHUTDOWN;
            case CLOSED_BY_US, ERROR_FROM_PEER, PROTOCOL_ERROR, STALLED -> EndReason.LEG_LOST;
        };
    }

    /** 1000 from the runner is a goodbye, everything else a loss. */
    private static EndReason reasonOf(LinkEnd end) {
        return end.cause() == LinkEnd.Cause.CLOSED_BY_RUNNER && end.code() == 1000
                ? EndReason.BOT_ENDED
                : EndReason.RUNNER_LOST;
    }
}
