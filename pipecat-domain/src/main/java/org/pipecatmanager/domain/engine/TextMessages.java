package org.pipecatmanager.domain.engine;

import java.util.LinkedHashMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.conversation.Conversation;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * Messages put into one conversation; one that is repeated under its id is answered again and not sent again.
 *
 * <p>Owned by the mailbox.
 */
final class TextMessages {
    /** Answers kept: a sender repeats within seconds, not after hundreds of messages. */
    static final int MAX_KEPT = 256;

    private final SessionRef ref;
    private final IdSource ids;
    private final Conversation conversation;
    private final LinkedHashMap<String, Message> answers = new LinkedHashMap<>();

    TextMessages(SessionRef ref, IdSource ids, Conversation conversation) {
        this.ref = ref;
        this.ids = ids;
        this.conversation = conversation;
    }

    /** The answer a message got before, if it did. */
    @Nullable
    Message answered(MessageCommand command) {
        return command.messageId().isEmpty() ? null : answers.get(command.messageId());
    }

    /**
     * Sends one that was not answered before.
     *
     * @param link that takes messages now, or null
     * @throws RequestException 409 without one
     */
    Message send(MessageCommand command, @Nullable RunnerLink link) {
        if (link == null) {
            throw new RequestException(
                    RequestException.Status.FAILED_PRECONDITION,
                    "SESSION_NOT_LIVE",
                    "call " + ref.pipecatcallId()
                            + " has no runner that takes messages yet; send it again when the call is live");
        }
        link.send(new RunnerCommand.SendText(command.text(), command.runImmediately(), command.audioResponse()));
        conversation.typed(command.text());
        UUID asUuid = uuidOf(command.messageId());
        if (asUuid != null) {
            conversation.asked(asUuid);
        }
        Message answer = new Message(ids.nextId(), ref, Ids.ZERO, command.text(), 0);
        if (!command.messageId().isEmpty()) {
            answers.put(command.messageId(), answer);
            if (answers.size() > MAX_KEPT) {
                answers.pollFirstEntry();
            }
        }
        return answer;
    }

    /** Other ids than UUIDs serve against repetition alone: no event can name them. */
    private static @Nullable UUID uuidOf(String messageId) {
        try {
            return UUID.fromString(messageId);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
