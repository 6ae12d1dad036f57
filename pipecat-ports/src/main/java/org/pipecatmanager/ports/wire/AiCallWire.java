package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.pipecatmanager.ports.model.AiCall;

/** A conversation as ai-manager answers it. */
public final class AiCallWire {
    private AiCallWire() {}

    /**
     * Reads {@code id}, {@code assistance_type}, {@code assistance_id}, {@code reference_type}, {@code reference_id},
     * {@code current_member_id}, {@code ai_vad_config} and {@code ai_smart_turn_enabled}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static AiCall fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new AiCall(
                reader.uuid("id"),
                reader.text("assistance_type"),
                reader.uuid("assistance_id"),
                reader.text("reference_type"),
                reader.uuid("reference_id"),
                reader.uuid("current_member_id"),
                reader.freeObject("ai_vad_config"),
                reader.flag("ai_smart_turn_enabled"));
    }
}
