package org.pipecatmanager.domain.engine;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The turns of one call as spans, each from the end of the caller's voice to the end of the answer, with its parts: they follow
 * one another up to the first frame that left to the caller.
 *
 * <p>The ledger tells a turn as often as it learns something new of it; its span is made when the next turn begins or the call
 * is over.
 *
 * <p><b>Threads.</b> Owned by the session's thread, except {@link #tool}.
 */
final class TurnSpans {
    private static final String PROVIDER_MILLIS = "pipecatcall.provider_ms";

    private final OpenSpan call;
    private final TimeSource time;
    private final String model;
    private final Map<String, OpenSpan> tools = new ConcurrentHashMap<>();
    /** The turn that goes on; its start is not known before the ledger tells it. */
    private volatile OpenSpan now;

    private @Nullable Turn told;
    private @Nullable Instant silent;
    private long count;

    TurnSpans(OpenSpan call, Pipecatcall accepted, TimeSource time) {
        this.call = call;
        this.time = time;
        this.model = accepted.llmType();
        this.now = next();
    }

    private OpenSpan next() {
        return call.child("turn", Kind.INTERNAL);
    }

    /** The caller's turn is over: what was told so far is the turn before. */
    void begin() {
        settle();
        now = next();
    }

    void told(Turn turn) {
        told = turn;
    }

    /** The last queued bot audio left. */
    void botSilent() {
        silent = time.now();
    }

    /** A provider failed in this turn. */
    void failed(ProviderFailure failure) {
        now.put("pipecatcall.failed_part", failure.part());
        now.put("pipecatcall.failed_provider", failure.provider());
        now.failed(failure.kind());
    }

    /** The span of a tool call, begun by whoever asks first; any thread. */
    OpenSpan tool(String toolCallId, String name) {
        return tools.computeIfAbsent(toolCallId, id -> {
            OpenSpan tool = now.child("execute_tool", Kind.INTERNAL);
            tool.put("gen_ai.operation.name", "execute_tool");
            tool.put("gen_ai.tool.name", name);
            tool.put("gen_ai.tool.call.id", id);
            return tool;
        });
    }

    void toolFinished(ToolActivity activity) {
        OpenSpan tool = tools.remove(activity.toolCallId());
        if (tool != null) {
            if (!activity.succeeded()) {
                tool.failed("tool_failed");
            }
            tool.close();
        }
    }

    void finish() {
        settle();
        tools.values().forEach(tool -> {
            tool.failed("cancelled");
            tool.close();
        });
        tools.clear();
    }

    long count() {
        return count;
    }

    private void settle() {
        Turn turn = told;
        Instant quiet = silent;
        told = null;
        silent = null;
        if (turn == null || !call.isRecorded()) {
            return;
        }
        count++;
        OpenSpan span = now;
        span.startedAt(turn.callerStopped());
        span.put("pipecatcall.turn", (long) turn.number());
        span.put("pipecatcall.turn_kind", turn.kind().name().toLowerCase(Locale.ROOT));
        span.put("pipecatcall.interrupted", turn.bargeInMillis() != null);
        parts(span, turn);
        Instant end = turn.callerStopped().plusMillis(lastKnown(turn));
        span.closeAt(quiet != null && quiet.isAfter(end) ? quiet : end);
    }

    /** One after the other as far as they are known, the recogniser beside the decision that the turn is over. */
    private void parts(OpenSpan span, Turn turn) {
        Turn.Figures figures = turn.figures();
        Long over = turn.endOfTurnMillis();
        Long transcript = turn.transcriptMillis();
        Long token = turn.firstTokenMillis();
        Long speech = turn.firstSpeechMillis();
        part(span, turn, "recogniser", 0L, transcript, part -> part.put(PROVIDER_MILLIS, figures.sttMillis()));
        part(span, turn, "end of turn", 0L, over, part -> {});
        part(span, turn, "model", Math.max(orZero(over), orZero(transcript)), token, part -> {
            part.put("gen_ai.operation.name", "chat");
            part.put("gen_ai.request.model", model);
            part.put("gen_ai.usage.input_tokens", figures.promptTokens());
            part.put("gen_ai.usage.output_tokens", figures.completionTokens());
            part.put(PROVIDER_MILLIS, figures.llmTtfbMillis());
        });
        part(span, turn, "voice", token == null ? orZero(over) : token, speech, part -> {
            part.put("pipecatcall.tts_characters", figures.ttsCharacters());
            part.put(PROVIDER_MILLIS, figures.ttsTtfbMillis());
        });
        part(span, turn, "playout", speech, turn.firstFrameMillis(), part -> {});
        part(span, turn, "cut off", turn.bargeInMillis(), turn.lastOldFrameMillis(), part -> {});
    }

    /** From one moment of the ledger to another; what the ledger does not know both of is no part. */
    private static void part(
            OpenSpan span, Turn turn, String name, @Nullable Long from, @Nullable Long to, Consumer<OpenSpan> more) {
        if (from != null && to != null && to >= from) {
            OpenSpan part = span.child(name, Kind.INTERNAL, turn.callerStopped().plusMillis(from));
            more.accept(part);
            part.closeAt(turn.callerStopped().plusMillis(to));
        }
    }

    private static long lastKnown(Turn turn) {
        return Stream.of(
                        turn.endOfTurnMillis(),
                        turn.transcriptMillis(),
                        turn.firstTokenMillis(),
                        turn.firstSpeechMillis(),
                        turn.firstFrameMillis(),
                        turn.lastOldFrameMillis())
                .mapToLong(TurnSpans::orZero)
                .max()
                .orElse(0);
    }

    private static long orZero(@Nullable Long millis) {
        return millis == null ? 0 : millis;
    }
}
