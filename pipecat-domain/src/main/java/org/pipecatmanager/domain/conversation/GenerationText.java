package org.pipecatmanager.domain.conversation;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * Collects the pieces of one generation of the model at a time: their sum every 200 ms, and the whole at the end.
 *
 * <p>A generation begins with its first piece and ends when the model says so, when the next one begins, when nothing came
 * for 8 s, or with the call. One that ends with the call and has no text is not worth an event.
 */
final class GenerationText {
    /** Period of intermediate texts; what the consumers of the service we replace are used to, like the next. */
    static final Duration DELTA_PERIOD = Duration.ofMillis(200);
    /** A generation that is silent for so long is taken to be over. */
    static final Duration IDLE_LIMIT = Duration.ofSeconds(8);
    /** Characters one message may have; what comes after is a message of its own. */
    static final int MAX_LENGTH = 65_536;

    private final SessionRef ref;
    private final IdSource ids;
    private final SessionMeter meter;
    private final Conversation.Output output;

    private @Nullable Generation open;
    private boolean begun;
    private boolean written;

    GenerationText(SessionRef ref, IdSource ids, SessionMeter meter, Conversation.Output output) {
        this.ref = ref;
        this.ids = ids;
        this.meter = meter;
        this.output = output;
    }

    /** Nothing is heard in this call: what the model writes is what the bot says. */
    void isWhatIsSaid() {
        written = true;
    }

    void add(String text, UUID inReplyTo, long now) {
        if (open != null && open.whole.length() + text.length() > MAX_LENGTH) {
            publishWhole(open, "unknown");
        }
        if (open == null) {
            begun = true;
            open = new Generation(ids.nextId(), inReplyTo);
        }
        if (open.delta.isEmpty() && !text.isEmpty()) {
            open.deltaDue = now + DELTA_PERIOD.toNanos();
        }
        open.whole.append(text);
        open.delta.append(text);
        open.lastPiece = now;
        output.wakeAt(open.wakeAt());
    }

    /** The model says that the generation is over; without one this does nothing. */
    void complete() {
        if (open != null) {
            publishWhole(open, "stopped_normal");
        }
    }

    /** The next generation begins, and the model did not say what became of this one. */
    void superseded() {
        if (open != null) {
            publishWhole(open, "unknown");
        }
    }

    /**
     * The call is over.
     *
     * @param asked whether it was ended, rather than that it broke
     */
    void cutOff(boolean asked) {
        if (open == null) {
            meter.llmFlushFinalized(begun ? "noop_already_done" : "noop_never_started");
            return;
        }
        end(open, asked ? "terminate_force" : "context_cancelled");
        meter.llmFlushFinalized("done");
    }

    /** The model is gone. */
    void lost() {
        if (open != null) {
            end(open, "context_cancelled");
        }
    }

    private void end(Generation generation, String exit) {
        if (generation.whole.isEmpty()) {
            open = null;
            meter.llmFlushExited(exit);
        } else {
            publishWhole(generation, exit);
        }
    }

    /** Does what is due. */
    void onTime(long now) {
        if (open == null) {
            return;
        }
        if (!open.delta.isEmpty() && now - open.deltaDue >= 0) {
            publishDelta(open);
        }
        if (now - open.lastPiece >= IDLE_LIMIT.toNanos()) {
            meter.llmIdleWatchdogFired();
            publishWhole(open, "idle_watchdog");
        } else {
            output.wakeAt(open.wakeAt());
        }
    }

    private void publishDelta(Generation generation) {
        generation.sequence++;
        output.publish(
                EventType.MESSAGE_BOT_LLM_INTERMEDIATE,
                new Message(
                        generation.id, ref, generation.inReplyTo, generation.delta.toString(), generation.sequence));
        generation.delta.setLength(0);
    }

    private void publishWhole(Generation generation, String exit) {
        open = null;
        meter.llmFlushExited(exit);
        if (written && !generation.whole.toString().isBlank()) {
            output.said(SpokenMessage.Speaker.BOT, generation.whole.toString(), false, false);
        }
        output.publish(
                EventType.MESSAGE_BOT_LLM,
                new Message(generation.id, ref, generation.inReplyTo, generation.whole.toString(), 0));
    }

    private static final class Generation {
        final UUID id;
        final UUID inReplyTo;
        final StringBuilder whole = new StringBuilder();
        final StringBuilder delta = new StringBuilder();
        int sequence;
        long deltaDue;
        long lastPiece;

        Generation(UUID id, UUID inReplyTo) {
            this.id = id;
            this.inReplyTo = inReplyTo;
        }

        long wakeAt() {
            return delta.isEmpty() ? lastPiece + IDLE_LIMIT.toNanos() : deltaDue;
        }
    }
}
