package org.pipecatmanager.ports.wire;

import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.model.ToolDefinition;

/** The catalogue of tools as ai-manager answers it. */
public final class ToolCatalogWire {
    private ToolCatalogWire() {}

    /**
     * Reads {@code tools[]} of {@code name}, {@code description}, {@code parameters} and {@code run_llm}; none of them is
     * built in or has a webhook.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed, or a tool has no name
     */
    public static List<ToolDefinition> fromMap(Map<String, ?> map) {
        return new MapReader(map)
                .each("tools").stream().map(ToolCatalogWire::tool).toList();
    }

    private static ToolDefinition tool(MapReader reader) {
        return new ToolDefinition(
                reader.requiredText("name"),
                reader.text("description"),
                reader.freeObject("parameters"),
                reader.flag("run_llm"),
                false,
                null);
    }
}
