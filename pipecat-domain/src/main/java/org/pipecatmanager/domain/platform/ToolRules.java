package org.pipecatmanager.domain.platform;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolDefinition.Conduct;
import org.pipecatmanager.ports.model.ToolDefinition.Ending;
import org.pipecatmanager.ports.out.SessionMeter;

/** Which tools of the catalogue an assistant gets. What is not allowed by name is denied. */
final class ToolRules {
    /**
     * By type of assistant, disjoint, as ai-manager itself validates the tools of an assistant: those of {@code normal} act on
     * calls, flows and messages; those of {@code insight} only read, or show what was read.
     */
    static final Map<String, Set<String>> ALLOWED = Map.of(
            "normal",
            Set.of(
                    "connect_call",
                    "send_email",
                    "send_message",
                    "stop_media",
                    "stop_service",
                    "stop_flow",
                    "set_variables",
                    "get_variables",
                    "get_aicall_messages",
                    "search_knowledge",
                    "get_correlation",
                    "get_resource",
                    "create_call",
                    "describe_action",
                    "case_create"),
            "insight",
            Set.of(
                    "get_contact_interactions",
                    "get_conversation_content",
                    "get_related_cases",
                    "get_case_notes",
                    "emit_info_card"));

    /** What of them ends the assistant's part of a call: carried out when what was said before has been heard. */
    private static final Map<String, Conduct> ENDING = Map.of(
            "connect_call", new Conduct("", false, Ending.TRANSFER),
            "stop_service", new Conduct("", false, Ending.HANG_UP),
            "stop_flow", new Conduct("", false, Ending.HANG_UP));

    /** Stands for every tool of the type. */
    private static final String ALL = "all";
    /** Makes no sense without knowledge to search. */
    private static final String SEARCH = "search_knowledge";

    private final ToolCatalog catalog;
    private final SessionMeter meter;

    ToolRules(ToolCatalog catalog, SessionMeter meter) {
        this.catalog = catalog;
        this.meter = meter;
    }

    /** In the order of the catalogue. */
    List<ToolDefinition> toolsOf(Ai ai) {
        if (ai.toolNames().isEmpty()) {
            return List.of();
        }
        Set<String> allowed = ALLOWED.get(ai.type());
        if (allowed == null) {
            meter.unknownAiTypeDenied(ai.type());
            return List.of();
        }
        boolean all = ai.toolNames().contains(ALL);
        boolean knowledge = !ai.ragId().equals(Ids.ZERO);
        return catalog.tools().stream()
                .filter(tool -> allowed.contains(tool.name()))
                .filter(tool -> all || ai.toolNames().contains(tool.name()))
                .filter(tool -> knowledge || !tool.name().equals(SEARCH))
                .map(tool -> tool.withConduct(ENDING.getOrDefault(tool.name(), Conduct.PLAIN)))
                .toList();
    }
}
