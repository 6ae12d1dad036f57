package org.pipecatmanager.domain.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.StoreException;

/**
 * What one session leaves behind: its record, its events numbered in their order, what was said and how long turns took.
 *
 * <p>What cannot be kept any more is tried and lost; the first time the session is told, once.
 *
 * <p><b>Threads.</b> Owned by the session's thread, except {@link #call()}.
 */
final class SessionJournal {
    private final PipecatcallId id;
    private final CallTrace trace;
    private final String requestHash;
    private final EnginePorts ports;
    private final Runnable onFull;
    private final long acceptedAt;
    private final CallMarks marks = new CallMarks();
    private volatile Pipecatcall call;
    private long sequence;
    private int position;
    private boolean silent;
    private boolean full;

    /**
     * Makes one of which nothing is written yet.
     *
     * @param accepted the record as it will be inserted
     * @param trace    what all its events are part of, and tell
     * @param onFull   told once that something could not be kept
     */
    SessionJournal(Pipecatcall accepted, CallTrace trace, String requestHash, EnginePorts ports, Runnable onFull) {
        this.id = accepted.id();
        this.call = accepted;
        this.trace = trace;
        this.requestHash = requestHash;
        this.ports = ports;
        this.onFull = onFull;
        this.acceptedAt = ports.time().nanoTime();
    }

    /** The record as it stands; any thread. */
    Pipecatcall call() {
        return call;
    }

    String requestHash() {
        return requestHash;
    }

    /** Since the session was accepted. */
    Duration age() {
        return Duration.ofNanos(ports.time().nanoTime() - acceptedAt);
    }

    /** Writes nothing from now on: somebody else does. The record in memory goes on. */
    void fallSilent() {
        silent = true;
    }

    /**
     * Writes the new record.
     *
     * @return false when the id has one
     * @throws RuntimeException as the store's; the record in memory is closed then
     */
    boolean insert() {
        try {
            return trace.begin("record", Kind.INTERNAL)
                    .whole(() -> ports.store().insert(call, requestHash));
        } catch (RuntimeException e) {
            call = call.withStatus(
                    PipecatcallStatus.ENDED, EndReason.INTERNAL, ports.time().now());
            throw e;
        }
    }

    /**
     * Brings the record up to date.
     *
     * @return false when the store has it no longer
     */
    boolean write(PipecatcallStatus status, @Nullable EndReason reason) {
        call = call.withStatus(status, reason, ports.time().now());
        if (silent) {
            return true;
        }
        try {
            return ports.store().update(call);
        } catch (StoreException e) {
            lost("its record", e);
            return true;
        }
    }

    void publish(EventType type, EventPayload payload) {
        trace.published(type, payload);
        long next = sequence + 1;
        boolean kept = keep(
                "an event",
                () -> ports.publisher()
                        .publish(new CallEvent(id, next, type, ports.time().now(), payload, trace.context())));
        if (kept) {
            sequence = next;
            marks.note(age().toMillis(), type, payload);
            ports.meter().eventPublished();
        }
    }

    void said(SpokenMessage.Speaker speaker, String text, boolean interrupted, boolean estimated) {
        int next = position + 1;
        Instant now = ports.time().now();
        boolean kept = keep(
                "what was said",
                () -> ports.history().said(new SpokenMessage(id, next, speaker, text, now, interrupted, estimated)));
        if (kept) {
            position = next;
        }
    }

    void turn(Turn turn) {
        trace.turn(turn);
        boolean unused = keep("a turn", () -> ports.history().turn(turn));
    }

    /**
     * Keeps what the call was like.
     *
     * @param audio what its leg's audio did; null without a leg
     */
    void report(AudioBridge.@Nullable Snapshot audio) {
        if (audio != null) {
            trace.audio(audio);
        }
        CallReport.Audio counts = audio == null
                ? null
                : new CallReport.Audio(
                        audio.framesPlayed(),
                        audio.silenceFrames(),
                        audio.concealedFrames(),
                        audio.underruns(),
                        audio.reanchors(),
                        TimeUnit.NANOSECONDS.toMillis(audio.worstLatenessNanos()),
                        audio.uplinkFrames(),
                        audio.uplinkDiscarded(),
                        audio.callerPeak(),
                        audio.droppedMillis(),
                        audio.unsupportedHz());
        CallReport report = new CallReport(id, ports.time().now(), counts, marks.all(), marks.leftOut());
        boolean unused = keep("what it was like", () -> ports.history().report(report));
    }

    private boolean keep(String what, Runnable writing) {
        if (silent) {
            return false;
        }
        try {
            writing.run();
            return true;
        } catch (StoreException e) {
            lost(what, e);
            return false;
        }
    }

    private void lost(String what, StoreException failure) {
        if (!full) {
            full = true;
            Defects.note(id, what + " cannot be kept, and the call ends as overloaded: " + failure.getMessage());
            onFull.run();
        }
    }
}
