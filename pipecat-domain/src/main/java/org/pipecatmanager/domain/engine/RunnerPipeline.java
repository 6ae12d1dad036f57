package org.pipecatmanager.domain.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;

/**
 * Starts and stops the pipeline of one session on threads of their own; failures and the end come back as events.
 *
 * <p>A stop does not wait for a start that is still going on, but that start is followed by a stop of its own when it comes
 * back, and only then is the pipeline called stopped; of several stops the last one that is over says so.
 *
 * <p><b>Threads.</b> {@link #start} and {@link #stop} on the session's thread; events from any.
 */
final class RunnerPipeline {
    private final PipecatcallId id;
    private final RunnerLauncher launcher;
    private final Threads threads;
    private final CallTrace trace;
    private final Consumer<SessionEvent> events;

    private final AtomicInteger stopping = new AtomicInteger();
    /** While a runner is replaced it is told to stop again and again; the log hears of it once. */
    private final AtomicBoolean silentStop = new AtomicBoolean();

    /** Touched by the session's thread only. */
    private @Nullable Start last;

    RunnerPipeline(
            PipecatcallId id,
            RunnerLauncher launcher,
            Threads threads,
            CallTrace trace,
            Consumer<SessionEvent> events) {
        this.id = id;
        this.launcher = launcher;
        this.threads = threads;
        this.trace = trace;
        this.events = events;
    }

    void start(RunnerLaunch launch) {
        Start start = new Start();
        last = start;
        OpenSpan span = trace.begin("runner start", Kind.CLIENT);
        trace.awaitLink();
        threads.start("runner-start-" + id, () -> run(start, span, launch));
    }

    void stop() {
        Start start = last;
        if (start != null) {
            start.cancelled = true;
        }
        stopping.incrementAndGet();
        threads.start("runner-stop-" + id, () -> {
            stopQuietly();
            if (start == null) {
                stopped();
            } else {
                CompletableFuture<?> unused = start.over.thenRun(this::stopped);
            }
        });
    }

    /** A stop goes by the id, and would hit the next pipeline, too: none may be under way when it is started. */
    private void stopped() {
        if (stopping.decrementAndGet() == 0) {
            events.accept(new RunnerStopped());
        }
    }

    private void run(Start start, OpenSpan span, RunnerLaunch launch) {
        try {
            span.whole(() -> launcher.start(launch));
        } catch (RunnerException e) {
            String message = String.valueOf(e.getMessage());
            tell(
                    start,
                    switch (e.kind()) {
                        case REFUSED -> new RunnerRefused(message);
                        case BUSY -> new RunnerBusy(message);
                        case UNREACHABLE -> new RunnerUnreachable(message);
                    });
        } catch (RuntimeException e) {
            Defects.report(id, "starting the runner", e);
            tell(start, new EndAsked(EndReason.INTERNAL));
        } finally {
            if (start.cancelled) {
                stopQuietly();
            }
            start.over.complete(null);
        }
    }

    /** What becomes of a start that is not wanted any more is of no interest. */
    private void tell(Start start, SessionEvent event) {
        if (!start.cancelled) {
            events.accept(event);
        }
    }

    /** A runner that cannot be reached has nothing to stop: its pipelines end with their sockets. */
    private void stopQuietly() {
        try {
            trace.begin("runner stop", Kind.CLIENT).whole(() -> launcher.stop(id));
        } catch (RunnerException e) {
            if (silentStop.compareAndSet(false, true)) {
                Defects.note(id, "the runner could not be told to stop: " + e.getMessage());
            }
        } catch (RuntimeException e) {
            Defects.report(id, "stopping the runner", e);
        }
    }

    private static final class Start {
        final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        volatile boolean cancelled;
    }
}
