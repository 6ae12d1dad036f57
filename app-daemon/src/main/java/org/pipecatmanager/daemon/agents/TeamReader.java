package org.pipecatmanager.daemon.agents;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.pipecatmanager.daemon.config.Nearest;
import org.pipecatmanager.ports.model.ToolDefinition;

/** Reads the members of a team. What a member leaves out is its agent's. */
final class TeamReader {
    /** A team whose members nobody can tell apart is no team; the bound is there for a file that was generated wrongly. */
    private static final int MOST_MEMBERS = 50;

    private static final Pattern FUNCTION = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_-]{0,63}");

    private final Section team;
    private final Section members;
    private final List<String> tools;

    private TeamReader(Section team, List<ToolDefinition> tools) {
        this.team = team;
        this.members = team.section("members");
        this.tools = tools.stream().map(ToolDefinition::name).toList();
    }

    /**
     * Reads one.
     *
     * @param tools the agent's, of which a member names those it may use
     */
    static Map<String, Object> read(Section team, List<ToolDefinition> tools) {
        return new TeamReader(team, tools).read();
    }

    private Map<String, Object> read() {
        Given values = new Given();
        String start = team.required("start", "reception");
        values.put("start", start);
        List<String> ids = members.names();
        if (ids.isEmpty() || ids.size() > MOST_MEMBERS) {
            team.problem("members", "has " + ids.size() + " members; describe 1 to " + MOST_MEMBERS);
        } else if (!start.isEmpty() && !ids.contains(start)) {
            team.problem("start", unknownMember(start));
        }
        values.put("members", ids.stream().map(this::member).toList());
        team.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> member(String id) {
        Section section = members.section(id);
        Given values = new Given();
        values.put("id", id);
        values.put("name", section.has("name") ? section.text("name") : id);
        List<String> named = section.texts("tools");
        List<Map<String, Object>> transitions = new ArrayList<>();
        for (Section transition : section.sections("transitions")) {
            transitions.add(transition(transition));
        }
        values.put("agent", PipelineReader.readAssistant(section));
        values.put("tools", named == null ? tools : known(section, named));
        values.put("transitions", transitions);
        section.refuseTheRest();
        return values.map();
    }

    private List<String> known(Section section, List<String> named) {
        for (String name : named) {
            if (!tools.contains(name)) {
                section.problem(
                        "tools",
                        "names '" + name + "', which is no tool of this agent; describe it under the agent's tools"
                                + Nearest.hint(name, tools));
            }
        }
        return named;
    }

    private Map<String, Object> transition(Section section) {
        Map<String, Object> values = new LinkedHashMap<>();
        String to = section.required("to", "billing");
        String function = section.has("function_name") ? section.textOrEmpty("function_name") : "to_" + to;
        if (!FUNCTION.matcher(function).matches()) {
            section.problem(
                    "function_name", "is '" + function + "'; use up to 64 letters, digits, _ and -, a letter first");
        }
        if (!to.isEmpty() && !members.names().contains(to)) {
            section.problem("to", unknownMember(to));
        }
        values.put("function_name", function);
        values.put("description", section.textOrEmpty("description"));
        values.put("to", to);
        section.refuseTheRest();
        return values;
    }

    private String unknownMember(String name) {
        return "is '" + name + "', which is no member; use " + String.join(", ", members.names())
                + Nearest.hint(name, members.names());
    }
}
