package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.SessionRef;

/** Text put into a conversation, and what was said in it. */
public final class MessageWire {
    private MessageWire() {}

    /**
     * The body of {@code POST /v1/messages}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed, or {@code pipecatcall_id} is missing
     */
    public static MessageCommand commandFromMap(Map<String, ?> body) {
        var reader = new MapReader(body);
        return new MessageCommand(
                reader.callId("pipecatcall_id"),
                reader.text("message_id"),
                reader.text("message_text"),
                reader.flag("run_immediately"),
                reader.flag("audio_response"));
    }

    /** The same body, for clients; both flags are always printed. */
    public static Map<String, @Nullable Object> toMap(MessageCommand command) {
        return new MapWriter()
                .uuid("pipecatcall_id", command.pipecatcallId().value())
                .text("message_id", command.messageId())
                .text("message_text", command.text())
                .always("run_immediately", command.runImmediately())
                .always("audio_response", command.audioResponse())
                .map();
    }

    /**
     * Keys in order: {@code id}, {@code customer_id}, {@code pipecatcall_id}, {@code pipecatcall_reference_type},
     * {@code pipecatcall_reference_id}, {@code activeflow_id}, {@code in_reply_to_message_id}, {@code text} (left out when
     * empty), {@code sequence} (left out when 0), {@code estimated} (left out when it is not).
     */
    public static Map<String, @Nullable Object> toMap(Message message) {
        var writer = new MapWriter()
                .uuid("id", message.id())
                .uuid("customer_id", message.ref().customerId())
                .ref(message.ref())
                .uuid("in_reply_to_message_id", message.inReplyTo())
                .text("text", message.text());
        if (message.sequence() != 0) {
            writer.always("sequence", message.sequence());
        }
        if (message.estimated()) {
            writer.always("estimated", true);
        }
        return writer.map();
    }

    /**
     * What another daemon answered to text put into a conversation.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed, or {@code pipecatcall_id} is missing
     */
    public static Message fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new Message(
                reader.uuid("id"),
                new SessionRef(
                        reader.uuid("customer_id"),
                        reader.callId("pipecatcall_id"),
                        reader.named("pipecatcall_reference_type", ReferenceType::ofWireName),
                        reader.uuid("pipecatcall_reference_id"),
                        reader.uuid("activeflow_id")),
                reader.uuid("in_reply_to_message_id"),
                reader.text("text"),
                reader.wholeNumber("sequence"));
    }
}
