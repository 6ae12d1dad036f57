package org.pipecatmanager.daemon.agents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.daemon.reference.ReferencePage;
import org.pipecatmanager.ports.model.SessionLimits;

/** {@code docs/agents.md} has the keys that the readers ask for, and what they take. */
class AgentsReferenceTest {
    private static final Path EVERY_SECTION = Path.of("..", "config", "agents.yaml");
    private static final Pattern AGENT = Pattern.compile("agents\\.[^.]+\\.?");
    private static final Pattern ENTRY = Pattern.compile("\\[\\d+]");
    private static final Pattern MEMBER = Pattern.compile("(team\\.members\\.)[^.]+");
    private static final Pattern HEADER = Pattern.compile("(headers\\.).+");
    /** What is described as something else is: a member as an agent, who takes over as the one it takes over from. */
    private static final Pattern LIKE_ANOTHER = Pattern.compile("team\\.members\\.<member>\\.|fallback\\[]\\.");

    @Test
    void the_page_has_every_key_that_is_read() throws IOException {
        ReferencePage.check("agents.md", keys());
    }

    @Test
    void a_key_is_told_with_what_is_taken() throws IOException {
        assertThat(keys())
                .containsEntry("llm.temperature", List.of("number, 0 to 2"))
                .containsEntry("turn.stop", List.of("`smart`, `silence` or `provider`"))
                .containsEntry("tools[].webhook.url", List.of("text, needed"))
                .containsEntry("team.members.<member>.tools", List.of("list of texts"))
                .doesNotContainKeys("team.members.<member>.prompt", "llm.fallback[].model", "");
    }

    private static Map<String, List<String>> keys() throws IOException {
        Map<String, Asked> asked = new LinkedHashMap<>();
        AgentsFile.parse(
                Files.readString(EVERY_SECTION),
                Map.of(),
                SessionLimits.DEFAULTS,
                question -> asked.putIfAbsent(pattern(question.path()), question));
        Map<String, List<String>> keys = new LinkedHashMap<>();
        asked.forEach((key, question) -> {
            Asked same = asked.get(LIKE_ANOTHER.matcher(key).replaceFirst(""));
            boolean repeats = !key.equals(LIKE_ANOTHER.matcher(key).replaceFirst(""))
                    && same != null
                    && same.type().equals(question.type())
                    && same.limit().equals(question.limit());
            if (!key.isEmpty() && !repeats) {
                keys.put(key, List.of(taken(question)));
            }
        });
        return keys;
    }

    private static String pattern(String path) {
        String key = AGENT.matcher(path).replaceFirst("");
        key = ENTRY.matcher(key).replaceAll("[]");
        key = MEMBER.matcher(key).replaceFirst("$1<member>");
        return HEADER.matcher(key).replaceFirst("$1<name>");
    }

    private static String taken(Asked question) {
        return switch (question.type()) {
            case "word", "flag" ->
                "`" + question.limit().replaceAll(", ", "`, `").replaceFirst("(.*), ", "$1 or ") + "`";
            default -> question.type() + (question.limit().isEmpty() ? "" : ", " + question.limit());
        };
    }
}
