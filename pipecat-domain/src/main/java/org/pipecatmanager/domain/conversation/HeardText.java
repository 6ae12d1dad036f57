package org.pipecatmanager.domain.conversation;

import java.util.LinkedHashMap;
import java.util.Map;
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
    private final LinkedHashMap<String, String> heardSoFar = new LinkedHashMap<>();
    private boolean interrupted;

    HeardText(SessionRef ref, IdSource ids, Conversation.Output output) {
        this.ref = ref;
        this.ids = ids;
        this.output = output;
    }

    void progress(String segmentId, String text, String heard, boolean completed) {
        if (completed) {
            heardSoFar.remove(segmentId);
            publish(text, false);
            return;
        }
        heardSoFar.put(segmentId, heard);
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
        boolean cut = interrupted;
        interrupted = false;
        for (Map.Entry<String, String> sentence : heardSoFar.entrySet()) {
            if (!sentence.getValue().isBlank()) {
                publish(sentence.getValue(), cut);
            }
        }
        heardSoFar.clear();
    }

    private void publish(String text, boolean cut) {
        output.said(SpokenMessage.Speaker.BOT, text, cut);
        output.publish(EventType.MESSAGE_BOT_HEARD, new Message(ids.nextId(), ref, Ids.ZERO, text, 0));
    }
}
