package org.pipecatmanager.ports.wire;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.SpokenMessage;

/** What was said in a call; the keys are the columns of the table. */
public final class SpokenMessageWire {
    private SpokenMessageWire() {}

    /**
     * Keys in order, all always printed: {@code pipecatcall_id}, {@code position}, {@code speaker} ({@code user},
     * {@code bot} or {@code message}), {@code text}, {@code interrupted}, {@code tm_said}, {@code estimated}.
     */
    public static Map<String, @Nullable Object> toMap(SpokenMessage message) {
        return new MapWriter()
                .uuid("pipecatcall_id", message.pipecatcallId().value())
                .always("position", message.position())
                .always("speaker", message.speaker().name().toLowerCase(Locale.ROOT))
                .always("text", message.text())
                .always("interrupted", message.interrupted())
                .time("tm_said", message.at())
                .always("estimated", message.estimated())
                .map();
    }
}
