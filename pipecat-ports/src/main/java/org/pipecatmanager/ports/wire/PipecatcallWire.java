package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;

/** The record of a call: RPC and HTTP answer, event data and cache value. */
public final class PipecatcallWire {
    private PipecatcallWire() {}

    /**
     * Keys in order: {@code id}, {@code customer_id}, {@code activeflow_id}, {@code reference_type}, {@code reference_id},
     * {@code host_id}, {@code llm_type}, {@code llm_messages}, {@code stt_type}, {@code stt_language}, {@code tts_type},
     * {@code tts_language}, {@code tts_voice_id}, {@code tm_create}, {@code tm_update}, {@code tm_delete} (these three also
     * when null), then ours: {@code status}, {@code end_reason}, {@code tm_end}, {@code agent}.
     */
    public static Map<String, @Nullable Object> toMap(Pipecatcall call) {
        var writer = new MapWriter()
                .uuid("id", call.id().value())
                .uuid("customer_id", call.customerId())
                .uuid("activeflow_id", call.activeflowId())
                .text("reference_type", call.referenceType().wireName())
                .uuid("reference_id", call.referenceId())
                .text("host_id", call.hostId())
                .text("llm_type", call.llmType())
                .list("llm_messages", call.llmMessages())
                .text("stt_type", call.sttType())
                .text("stt_language", call.sttLanguage())
                .text("tts_type", call.ttsType())
                .text("tts_language", call.ttsLanguage())
                .text("tts_voice_id", call.ttsVoiceId())
                .time("tm_create", call.created())
                .time("tm_update", call.updated())
                .time("tm_delete", call.deleted());
        var status = call.status();
        if (status != null) {
            writer.text("status", status.wireName());
        }
        var endReason = call.endReason();
        if (endReason != null) {
            writer.text("end_reason", endReason.wireName());
        }
        if (call.ended() != null) {
            writer.time("tm_end", call.ended());
        }
        return writer.text("agent", call.agent()).map();
    }

    /**
     * A record as we or another implementation wrote it.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static Pipecatcall fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new Pipecatcall(
                reader.callId("id"),
                reader.uuid("customer_id"),
                reader.uuid("activeflow_id"),
                reader.named("reference_type", ReferenceType::ofWireName),
                reader.uuid("reference_id"),
                reader.text("host_id"),
                reader.text("llm_type"),
                reader.objects("llm_messages"),
                reader.text("stt_type"),
                reader.text("stt_language"),
                reader.text("tts_type"),
                reader.text("tts_language"),
                reader.text("tts_voice_id"),
                reader.namedOrNull("status", PipecatcallStatus::ofWireName),
                reader.namedOrNull("end_reason", EndReason::ofWireName),
                reader.text("agent"),
                reader.time("tm_create"),
                reader.time("tm_update"),
                reader.time("tm_delete"),
                reader.time("tm_end"));
    }
}
