package org.pipecatmanager.ports.out;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.TraceContext;

/**
 * Something of a call that goes on, and becomes a {@link Span} when it is closed.
 *
 * <p>A thread that works on it says so by {@link #run} or {@link #call}; whoever asks other services on that thread finds it as
 * {@link #current()}, and names it to them. Where nobody wants spans, a child is its parent: the trace is named to other services
 * all the same, and nothing is made.
 *
 * <p><b>Threads.</b> Children may be begun by any; attributes and the end belong to one thread at a time.
 */
public final class OpenSpan implements AutoCloseable {
    /** On every span: the id of its call. */
    public static final String CALL_ID = "gen_ai.conversation.id";

    private static final ThreadLocal<OpenSpan> CURRENT = new ThreadLocal<>();
    private static final OpenSpan NOTHING = new OpenSpan(null, null, null, "", Kind.INTERNAL, Instant.EPOCH);

    /**
     * Where spans of one call go.
     *
     * @param spans null where nobody wants them
     */
    private record Trace(PipecatcallId call, @Nullable Spans spans, IdSource ids, TimeSource time) {}

    private final @Nullable Trace trace;
    private final @Nullable TraceContext context;
    private final @Nullable TraceContext parent;
    private final String name;
    private final Kind kind;
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private Instant start;
    private String error = "";
    private boolean closed;

    private OpenSpan(
            @Nullable Trace trace,
            @Nullable TraceContext context,
            @Nullable TraceContext parent,
            String name,
            Kind kind,
            Instant start) {
        this.trace = trace;
        this.context = context;
        this.parent = parent;
        this.name = name;
        this.kind = kind;
        this.start = start;
    }

    /**
     * The span of a whole call; it begins now.
     *
     * @param context of the span
     * @param asker   who wanted the call; null where nobody said
     * @param spans   asked once whether they want the trace
     */
    public static OpenSpan ofCall(
            PipecatcallId call,
            TraceContext context,
            @Nullable TraceContext asker,
            Spans spans,
            IdSource ids,
            TimeSource time) {
        Trace trace = new Trace(call, spans.records(context) ? spans : null, ids, time);
        return new OpenSpan(trace, context, asker, "call", Kind.SERVER, time.now());
    }

    /** What this thread works on; one that is part of no call, where it does not say. */
    public static OpenSpan current() {
        OpenSpan now = CURRENT.get();
        return now == null ? NOTHING : now;
    }

    /** What to name to other services; empty for what is part of no call. */
    public Optional<TraceContext> context() {
        return Optional.ofNullable(context);
    }

    /** Whose it is; empty for what is part of no call. */
    public Optional<PipecatcallId> callId() {
        return trace == null ? Optional.empty() : Optional.of(trace.call());
    }

    /** Whether somebody wants it. */
    public boolean isRecorded() {
        return trace != null && trace.spans() != null;
    }

    /** Something that is done for this, and begins now. */
    public OpenSpan child(String childName, Kind childKind) {
        return trace == null || trace.spans() == null
                ? this
                : child(childName, childKind, trace.time().now());
    }

    /** Something that is done for this, and began then. */
    public OpenSpan child(String childName, Kind childKind, Instant began) {
        if (trace == null || context == null || trace.spans() == null) {
            return this;
        }
        return new OpenSpan(trace, context.newSpan(trace.ids()), context, childName, childKind, began);
    }

    /** It began then, as turned out later; what is done for it may have begun before it is told. */
    public void startedAt(Instant began) {
        if (isRecorded()) {
            start = began;
        }
    }

    /** Does something for it. */
    public void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }

    /** Does something for it that has a result. */
    public <T> T call(Supplier<T> work) {
        OpenSpan before = CURRENT.get();
        CURRENT.set(this);
        try {
            return work.get();
        } finally {
            if (before == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    /** Does all of it, and closes it; a failure is named by its kind. */
    public <T> T whole(Supplier<T> work) {
        try {
            return call(work);
        } catch (RuntimeException e) {
            failed(kindOf(e));
            throw e;
        } finally {
            close();
        }
    }

    /** The same of work without a result. */
    public void whole(Runnable work) {
        boolean unused = whole(() -> {
            work.run();
            return true;
        });
    }

    private static String kindOf(RuntimeException failure) {
        return switch (failure) {
            case ManagerException manager -> manager.kind().name().toLowerCase(Locale.ROOT);
            case RunnerException runner -> runner.kind().name().toLowerCase(Locale.ROOT);
            default -> failure.getClass().getSimpleName();
        };
    }

    /** Says something about it; an empty text is left out. */
    public void put(String key, String value) {
        if (isRecorded() && !value.isEmpty()) {
            attributes.put(key, value);
        }
    }

    /** Says something about it; null is left out. */
    public void put(String key, @Nullable Long value) {
        if (isRecorded() && value != null) {
            attributes.put(key, value);
        }
    }

    /** Says something about it. */
    public void put(String key, boolean value) {
        if (isRecorded()) {
            attributes.put(key, value);
        }
    }

    /** It failed; {@code type} is one of few words, and never a message. */
    public void failed(String type) {
        if (isRecorded()) {
            error = type;
        }
    }

    /** It is over. Idempotent. */
    @Override
    public void close() {
        if (trace != null && trace.spans() != null) {
            closeAt(trace.time().now());
        }
    }

    /** It was over then; before its start counts as its start. Idempotent. */
    public void closeAt(Instant end) {
        if (closed || trace == null || trace.spans() == null || context == null) {
            return;
        }
        closed = true;
        attributes.put(CALL_ID, trace.call().toString());
        trace.spans()
                .ended(new Span(
                        context, parent, name, kind, start, end.isBefore(start) ? start : end, attributes, error));
    }
}
