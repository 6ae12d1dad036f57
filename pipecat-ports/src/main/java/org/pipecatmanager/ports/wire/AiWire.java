package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.Secret;

/** An assistant as ai-manager answers it. */
public final class AiWire {
    private AiWire() {}

    /**
     * Reads {@code id}, {@code type}, {@code engine_model}, {@code engine_key}, {@code parameter}, {@code rag_id},
     * {@code init_prompt}, {@code tts_type}, {@code tts_voice_id}, {@code stt_type}, {@code vad_config},
     * {@code smart_turn_enabled} and {@code tool_names}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static Ai fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new Ai(
                reader.uuid("id"),
                reader.text("type"),
                reader.text("engine_model"),
                Secret.of(reader.text("engine_key")),
                reader.freeObject("parameter"),
                reader.uuid("rag_id"),
                reader.text("init_prompt"),
                reader.text("tts_type"),
                reader.text("tts_voice_id"),
                reader.text("stt_type"),
                reader.freeObject("vad_config"),
                reader.flag("smart_turn_enabled"),
                reader.texts("tool_names"));
    }
}
