package org.pipecatmanager.domain.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.MediaFailed;
import org.pipecatmanager.domain.session.SessionEvent.MediaStopped;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.OpenSpan;

/**
 * Asks for the external media of one call and takes it down again, on threads of their own; failures and the end come back as
 * events.
 *
 * <p>What was asked for is taken down, whatever became of the asking: an answer that did not come says nothing. A stop waits
 * for a start that is still going on, because it would overtake it.
 *
 * <p><b>Threads.</b> {@link #start} and {@link #stop} on the session's thread; events from any.
 */
final class ExternalMedia {
    /** Pauses before the further attempts to take it down: a broker that restarts, not one that is away. */
    private static final List<Duration> AGAIN_AFTER = List.of(Duration.ofSeconds(1), Duration.ofSeconds(3));

    private final PipecatcallId id;
    private final CallManager calls;
    private final Threads threads;
    private final Alarms alarms;
    private final CallTrace trace;
    private final Consumer<SessionEvent> events;

    /** Touched by the session's thread only. */
    private @Nullable CompletableFuture<@Nullable Void> asked;

    ExternalMedia(
            PipecatcallId id,
            CallManager calls,
            Threads threads,
            Alarms alarms,
            CallTrace trace,
            Consumer<SessionEvent> events) {
        this.id = id;
        this.calls = calls;
        this.threads = threads;
        this.alarms = alarms;
        this.trace = trace;
        this.events = events;
    }

    void start(ExternalMediaRequest request) {
        CompletableFuture<@Nullable Void> asking = new CompletableFuture<>();
        asked = asking;
        OpenSpan span = trace.begin("media start", Kind.INTERNAL);
        threads.start("media-start-" + id, () -> {
            try {
                span.whole(() -> calls.startExternalMedia(request));
            } catch (ManagerException e) {
                events.accept(new MediaFailed(String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                Defects.report(id, "asking for external media", e);
                events.accept(new MediaFailed("external media could not be asked for"));
            } finally {
                asking.complete(null);
            }
        });
    }

    void stop() {
        CompletableFuture<@Nullable Void> before = asked;
        if (before == null) {
            events.accept(new MediaStopped());
        } else {
            CompletableFuture<?> unused = before.thenRun(() -> attempt(0));
        }
    }

    private void attempt(int failures) {
        threads.start("media-stop-" + id, () -> {
            try {
                trace.begin("media stop", Kind.INTERNAL).whole(() -> calls.stopExternalMedia(id));
            } catch (ManagerException e) {
                if (e.kind() != ManagerException.Kind.NOT_FOUND) {
                    failed(failures, String.valueOf(e.getMessage()));
                    return;
                }
            } catch (RuntimeException e) {
                Defects.report(id, "taking external media down", e);
            }
            events.accept(new MediaStopped());
        });
    }

    private void failed(int failures, String why) {
        if (failures < AGAIN_AFTER.size()) {
            Alarms.Alarm unused = alarms.after(AGAIN_AFTER.get(failures), () -> attempt(failures + 1));
        } else {
            Defects.note(id, "its external media may be left in Asterisk: " + why);
            events.accept(new MediaStopped());
        }
    }
}
