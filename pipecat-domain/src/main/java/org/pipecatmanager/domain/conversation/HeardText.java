package org.pipecatmanager.domain.conversation;

import java.util.LinkedHashMap;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.out.IdSource;

/**
 * Says once per sentence what of it the caller heard: all of it, or the beginning before an interruption.
 *
 * <p>The runner reports a last progress of a cut sentence after it learned from us where hearing stopped, so what was heard
 * is settled not at the interruption but at the next sign that the bot's turn is over.
 */
final class HeardText {
    /** Sentences under way that are remembered; a runner that leaves more open loses the oldest. */
    static final int MAX_OPEN = 64;

    private final SessionRef ref;
    private final IdSource ids;
    private final Conversation.Output output;
    private final LinkedHashMap<String, Sentence> heardSoFar = new LinkedHashMap<>();
    private boolean interrupted;

    private record Sentence(String heard, boolean estimated) {}

    HeardText(SessionRef ref, IdSource ids, Conversation.Output output) {
        this.ref = ref;
        this.ids = ids;
        this.output = output;
    }

    void progress(String segmentId, String text, String heard, boolean completed) {
        if (completed) {
            heardSoFar.remove(segmentId);
            publish(text, false, false);
            return;
        }
        Sentence before = heardSoFar.get(segmentId);
        put(segmentId, new Sentence(heard, before != null && before.estimated()));
    }

    /** Of this sentence the runner knows only in proportion how far it was heard; heard to its end, nothing is estimated. */
    void estimated(String segmentId) {
        Sentence before = heardSoFar.get(segmentId);
        put(segmentId, new Sentence(before == null ? "" : before.heard(), true));
    }

    private void put(String segmentId, Sentence sentence) {
        heardSoFar.put(segmentId, sentence);
        if (heardSoFar.size() > MAX_OPEN) {
            heardSoFar.pollFirstEntry();
        }
    }

    /** What was queued is gone. */
    void interrupted() {
        interrupted = true;
    }

    /** The bot's turn is over, as far as the runner is concerned. */
    void turnOver() {
        if (interrupted) {
            settle();
        }
    }

    /** Publishes the beginnings that were heard, and forgets the rest. */
    void settle() {
        settle(interrupted, false);
    }

    /** The runner is gone: what of its last words was still on the way is played, and nobody tells how far they came. */
    void lost() {
        settle(interrupted, true);
    }

    private void settle(boolean cut, boolean guessed) {
        interrupted = false;
        for (Sentence sentence : heardSoFar.values()) {
            if (!sentence.heard().isBlank()) {
                publish(sentence.heard(), cut, guessed || sentence.estimated());
            }
        }
        heardSoFar.clear();
    }

    private void publish(String text, boolean cut, boolean estimated) {
        output.said(SpokenMessage.Speaker.BOT, text, cut, estimated);
        output.publish(EventType.MESSAGE_BOT_HEARD, new Message(ids.nextId(), ref, Ids.ZERO, text, 0, estimated));
    }
}
