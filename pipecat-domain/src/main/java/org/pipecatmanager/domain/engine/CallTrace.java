package org.pipecatmanager.domain.engine;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionState;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * One call as spans: the call, and in it its setup, its leg, its turns with their parts and tools, replacements of its runner,
 * and its end. docs/observability.md shows the tree; the names are there, too.
 *
 * <p><b>Threads.</b> Owned by the session's thread, except {@link #call()}, {@link #begin} and {@link #tool}.
 */
final class CallTrace {
    /** Ends that somebody wanted, or that are in the configuration. */
    private static final Set<EndReason> ORDERLY = EnumSet.of(
            EndReason.REQUESTED,
            EndReason.CALLER_HUNG_UP,
            EndReason.BOT_ENDED,
            EndReason.TRANSFERRED,
            EndReason.IDLE,
            EndReason.MAX_DURATION,
            EndReason.SHUTDOWN);

    private final OpenSpan call;
    private final TimeSource time;
    private final TurnSpans turns;
    /** What of the call's life goes on: its setup, the call itself, a replacement, its end. */
    private volatile OpenSpan phase;

    private @Nullable OpenSpan leg;
    private @Nullable Instant legEnd;
    private @Nullable OpenSpan link;
    private boolean ending;

    CallTrace(OpenSpan call, Pipecatcall accepted, TimeSource time) {
        this.call = call;
        this.time = time;
        this.turns = new TurnSpans(call, accepted, time);
        this.phase = call.child("setup", Kind.INTERNAL);
        call.put("gen_ai.agent.name", accepted.agent());
        call.put("pipecatcall.reference_type", accepted.referenceType().wireName());
    }

    /** The whole of it; any thread. */
    OpenSpan call() {
        return call;
    }

    /** What its events and its runner are part of; any thread. */
    TraceContext context() {
        return call.context().orElseThrow();
    }

    /** Something that is done in the phase of now; any thread. */
    OpenSpan begin(String name, Kind kind) {
        return phase.child(name, kind);
    }

    /** A tool that we carry out, until {@link #published} tells how it ended; any thread. */
    OpenSpan tool(String toolCallId, String name) {
        return turns.tool(toolCallId, name);
    }

    /** The runner was asked for a pipeline: it is to connect. One that was asked before and never did is lost. */
    void awaitLink() {
        if (link != null) {
            link.failed("runner_lost");
            link.close();
        }
        link = phase.child("runner link", Kind.INTERNAL);
    }

    /** What the session heard, before it acts on it. */
    void heard(SessionEvent event) {
        switch (event) {
            case SessionEvent.LegOpened unused -> leg = call.child("leg", Kind.INTERNAL);
            case SessionEvent.LegClosed closed -> {
                legEnd = time.now();
                if (leg != null) {
                    leg.put("pipecatcall.leg_end", closed.how().name().toLowerCase(Locale.ROOT));
                }
            }
            case SessionEvent.LinkOpened opened -> linked(opened.direction());
            case SessionEvent.BotSilent unused -> turns.botSilent();
            default -> {}
        }
    }

    private void linked(LinkDirection direction) {
        if (link != null && direction.carriesOutput()) {
            link.close();
            link = null;
        }
    }

    /** Where the session stands now. */
    void moved(SessionState state) {
        EndReason reason = state.endReason();
        if (ending || reason == null) {
            return;
        }
        ending = true;
        cutShort(link, reason);
        if (phase != call) {
            cutShort(phase, reason);
        }
        phase = call.child("end", Kind.INTERNAL);
        phase.put("pipecatcall.end_reason", reason.wireName());
    }

    private static void cutShort(@Nullable OpenSpan span, EndReason reason) {
        if (span != null) {
            span.failed(reason.wireName());
            span.close();
        }
    }

    /** An event of the call. */
    void published(EventType type, EventPayload payload) {
        switch (type) {
            case PIPECATCALL_INITIALIZED -> live();
            case USER_STOPPED_SPEAKING -> turns.begin();
            case RUNNER_LOST -> lost(payload);
            case RUNNER_REPLACED -> live();
            case TOOL_CALL_STARTED -> {
                if (payload instanceof ToolActivity tool) {
                    OpenSpan unused = turns.tool(tool.toolCallId(), tool.name());
                }
            }
            case TOOL_CALL_FINISHED -> {
                if (payload instanceof ToolActivity tool) {
                    turns.toolFinished(tool);
                }
            }
            case ERROR_REPORTED -> {
                if (payload instanceof Problem problem && problem.failure() != null) {
                    turns.failed(problem.failure());
                }
            }
            default -> {}
        }
    }

    private void live() {
        if (!ending && phase != call) {
            phase.close();
            phase = call;
        }
    }

    private void lost(EventPayload payload) {
        if (ending || !(payload instanceof RunnerChange change) || change.loss() == null) {
            return;
        }
        if (phase == call) {
            phase = call.child("runner replacement", Kind.INTERNAL);
        }
        phase.put("pipecatcall.runner_loss", change.loss().wireName());
        phase.put("pipecatcall.attempt", (long) change.attempt());
    }

    void turn(Turn turn) {
        turns.told(turn);
    }

    /** What the leg's audio did. */
    void audio(AudioBridge.Snapshot snapshot) {
        if (leg != null) {
            leg.put("pipecatcall.frames_played", snapshot.framesPlayed());
            leg.put("pipecatcall.underruns", snapshot.underruns());
            leg.put("pipecatcall.concealed_frames", snapshot.concealedFrames());
            leg.put("pipecatcall.worst_lateness_ms", TimeUnit.NANOSECONDS.toMillis(snapshot.worstLatenessNanos()));
        }
    }

    /**
     * Nothing is left to do.
     *
     * @param reason null for a call that never was one
     */
    void over(@Nullable EndReason reason) {
        turns.finish();
        if (leg != null) {
            leg.closeAt(legEnd == null ? time.now() : legEnd);
        }
        if (phase != call) {
            phase.close();
        }
        String why = reason == null ? "" : reason.wireName();
        call.put("pipecatcall.end_reason", why);
        call.put("pipecatcall.turns", turns.count());
        if (reason == null || !ORDERLY.contains(reason)) {
            call.failed(reason == null ? "already_exists" : why);
        }
        call.close();
    }
}
