package org.pipecatmanager.domain.engine;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Message;

/** The latest answers of one session by the sender's id, so that a repeated message is not sent twice. One thread at a time. */
final class AnsweredMessages {
    /** Answers kept; a sender repeats within seconds, not after hundreds of messages. */
    static final int MAX_KEPT = 256;

    private final LinkedHashMap<String, Message> answers = new LinkedHashMap<>();

    @Nullable Message find(String messageId) {
        return messageId.isEmpty() ? null : answers.get(messageId);
    }

    void keep(String messageId, Message answer) {
        if (messageId.isEmpty()) {
            return;
        }
        answers.put(messageId, answer);
        if (answers.size() > MAX_KEPT) {
            answers.pollFirstEntry();
        }
    }
}
