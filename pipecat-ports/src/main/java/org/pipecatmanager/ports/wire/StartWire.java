package org.pipecatmanager.ports.wire;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;

/**
 * The body of a start. Which combinations of fields make sense is not decided here; the trace is a header's matter, and no
 * part of the fingerprint.
 */
public final class StartWire {
    private StartWire() {}

    /**
     * A start over RPC, which brings its id.
     *
     * @throws RequestException a field is malformed, or {@code id} is missing or zero
     */
    public static StartCommand fromMap(Map<String, ?> body) {
        var reader = new MapReader(body);
        return command(reader, reader.callId("id"));
    }

    /**
     * A start over HTTP or from the command line: without an id, or with the zero UUID, it gets the next of {@code ids}.
     *
     * @throws RequestException a field is malformed
     */
    public static StartCommand fromMap(Map<String, ?> body, IdSource ids) {
        var reader = new MapReader(body);
        var id = reader.uuid("id");
        return command(reader, new PipecatcallId(id.equals(Ids.ZERO) ? ids.nextId() : id));
    }

    private static StartCommand command(MapReader reader, PipecatcallId id) {
        return new StartCommand(
                id,
                reader.uuid("customer_id"),
                reader.uuid("activeflow_id"),
                reader.named("reference_type", ReferenceType::ofWireName),
                reader.uuid("reference_id"),
                reader.text("llm_type"),
                reader.objects("llm_messages"),
                reader.text("stt_type"),
                reader.text("stt_language"),
                reader.text("tts_type"),
                reader.text("tts_language"),
                reader.text("tts_voice_id"),
                reader.text("agent"));
    }

    /**
     * The body that asks for this, without anything that is not given: what a client sends, and what the fingerprint of a
     * start is taken of.
     */
    public static Map<String, @Nullable Object> toMap(StartCommand command) {
        return new MapWriter()
                .uuid("id", command.id().value())
                .text("customer_id", given(command.customerId()))
                .text("activeflow_id", given(command.activeflowId()))
                .text("reference_type", command.referenceType().wireName())
                .text("reference_id", given(command.referenceId()))
                .text("llm_type", command.llmType())
                .list("llm_messages", command.llmMessages())
                .text("stt_type", command.sttType())
                .text("stt_language", command.sttLanguage())
                .text("tts_type", command.ttsType())
                .text("tts_language", command.ttsLanguage())
                .text("tts_voice_id", command.ttsVoiceId())
                .text("agent", command.agent())
                .map();
    }

    /** Fingerprint for idempotency: equal for equal commands, however their bodies were written. */
    public static String hash(StartCommand command) {
        return CanonicalHash.of(toMap(command));
    }

    private static String given(UUID id) {
        return id.equals(Ids.ZERO) ? "" : id.toString();
    }
}
