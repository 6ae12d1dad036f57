package org.pipecatmanager.daemon.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The runner's providers for people: which can be used now, and what the others lack. */
final class ProviderList {
    private static final Map<String, String> KINDS =
            Map.of("llm", "language models", "stt", "recognisers", "tts", "voices");

    private ProviderList() {}

    /** The text for what the API answered. */
    static String of(JsonNode providers) {
        StringBuilder text = new StringBuilder();
        for (String kind : List.of("llm", "stt", "tts")) {
            text.append(KINDS.get(kind)).append(" (").append(kind).append(")\n");
            for (JsonNode provider : providers.path(kind)) {
                text.append(String.format(
                                Locale.ROOT,
                                "  %-18s %-32s %s",
                                provider.path("name").asString(""),
                                provider.path("model").asString(""),
                                state(provider))
                        .stripTrailing());
                text.append('\n');
            }
        }
        return text.toString().stripTrailing();
    }

    private static String state(JsonNode provider) {
        List<String> lacks = new ArrayList<>();
        if (!provider.path("installed").asBoolean(true)) {
            lacks.add("not installed: dev/python-setup.sh "
                    + provider.path("extra").asString(""));
        }
        if (!provider.path("configured").asBoolean(true)) {
            List<String> variables = new ArrayList<>();
            provider.path("missing").forEach(variable -> variables.add(variable.asString("")));
            lacks.add("not configured: set " + String.join(", ", variables));
        }
        return lacks.isEmpty() ? "ready" : String.join("; ", lacks);
    }
}
