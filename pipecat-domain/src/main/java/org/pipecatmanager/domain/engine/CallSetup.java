package org.pipecatmanager.domain.engine;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.PreparationFailed;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.OpenSpan;

/**
 * What one session has others do for it, on threads of their own: look up what the call needs, run the pipeline, connect the
 * media.
 *
 * <p><b>Threads.</b> The session's, except {@link #tools} and {@link #isSettled}; answers come from any.
 */
final class CallSetup {
    private final PipecatcallId id;
    private final CallTrace trace;
    private final EnginePorts ports;
    private final Consumer<SessionEvent> events;
    private final RunnerPipeline pipeline;
    /** Null while other services are asked. */
    private volatile @Nullable Prepared known;

    private @Nullable ExternalMedia media;

    CallSetup(
            PipecatcallId id,
            CallTrace trace,
            @Nullable Prepared known,
            EnginePorts ports,
            Consumer<SessionEvent> events) {
        this.id = id;
        this.trace = trace;
        this.known = known;
        this.ports = ports;
        this.events = events;
        this.pipeline = new RunnerPipeline(id, ports.launcher(), ports.threads(), trace, events);
    }

    /** What the model may call; any thread. */
    List<ToolDefinition> tools() {
        Prepared now = known;
        return now == null ? List.of() : now.tools();
    }

    /** Whether it is known what the call needs; any thread. */
    boolean isSettled() {
        return known != null;
    }

    /** What the call needs, once it is known. */
    Prepared known() {
        Prepared now = known;
        if (now == null) {
            throw new IllegalStateException("it is not known yet what call " + id + " needs");
        }
        return now;
    }

    void settle(Prepared answer) {
        known = answer;
    }

    /**
     * Asks other services.
     *
     * @param answered hears the answer on another thread; a failure is an event
     */
    void prepare(Pipecatcall call, Consumer<Prepared> answered) {
        Preparation preparation = platform().preparation();
        OpenSpan span = trace.begin("lookup", Kind.INTERNAL);
        ports.threads().start("prepare-" + id, () -> {
            try {
                answered.accept(span.whole(() -> preparation.prepare(call)));
            } catch (ManagerException e) {
                events.accept(new PreparationFailed(EndReason.LOOKUP_FAILED, String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                Defects.report(id, "preparing the call", e);
                events.accept(new PreparationFailed(EndReason.INTERNAL, "what the call needs could not be looked up"));
            }
        });
    }

    /**
     * Asks for a pipeline.
     *
     * @param token  of this pipeline
     * @param resume what it goes on from; null for the call's first
     */
    void startRunner(Pipecatcall call, Secret token, @Nullable Resume resume) {
        Prepared needs = known();
        pipeline.start(new RunnerLaunch(
                call, needs.agent(), token, needs.assistance(), needs.tools(), needs.audio(), trace.context(), resume));
    }

    void stopRunner() {
        pipeline.stop();
    }

    void startMedia() {
        UUID callId = known().mediaCallId();
        if (callId == null) {
            throw new IllegalStateException("call " + id + " has no call whose media could be connected");
        }
        Platform platform = platform();
        ExternalMedia asked = new ExternalMedia(id, platform.calls(), ports.threads(), ports.alarms(), trace, events);
        media = asked;
        ExternalMediaPlan plan = platform.media();
        asked.start(new ExternalMediaRequest(id, callId, plan.externalHost().get(), plan.format()));
    }

    void stopMedia() {
        ExternalMedia asked = media;
        if (asked == null) {
            events.accept(new SessionEvent.MediaStopped());
        } else {
            asked.stop();
        }
    }

    private Platform platform() {
        Platform platform = ports.platform();
        if (platform == null) {
            throw new IllegalStateException("call " + id + " has no platform to ask");
        }
        return platform;
    }
}
