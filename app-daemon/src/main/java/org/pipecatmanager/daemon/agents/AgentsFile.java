package org.pipecatmanager.daemon.agents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.out.ConfigurationException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads the agents of this machine. */
public final class AgentsFile {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, String> environment;
    private final SessionLimits defaults;
    private final Consumer<Asked> questions;
    private final List<String> problems = new ArrayList<>();

    private AgentsFile(Map<String, String> environment, SessionLimits defaults, Consumer<Asked> questions) {
        this.environment = environment;
        this.defaults = defaults;
        this.questions = questions;
    }

    /**
     * Reads a file.
     *
     * @param environment what {@code ${NAME}} stands for
     * @param defaults    limits of agents that set none
     * @throws ConfigurationException with every problem
     */
    public static StaticAgentCatalog load(Path file, Map<String, String> environment, SessionLimits defaults) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigurationException(List.of("AGENTS_FILE is " + file.toAbsolutePath()
                    + ", which cannot be read (" + e.getClass().getSimpleName()
                    + "); copy config/agents.yaml there, or set AGENTS_FILE to the file you have"));
        }
        try {
            return parse(text, environment, defaults);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    e.problems().stream().map(problem -> file + ": " + problem).toList());
        }
    }

    /**
     * Reads text.
     *
     * @throws ConfigurationException with every problem
     */
    static StaticAgentCatalog parse(String text, Map<String, String> environment, SessionLimits defaults) {
        return parse(text, environment, defaults, Asked.NOBODY_LISTENS);
    }

    /**
     * Reads text while somebody listens to what is asked for.
     *
     * @throws ConfigurationException with every problem
     */
    static StaticAgentCatalog parse(
            String text, Map<String, String> environment, SessionLimits defaults, Consumer<Asked> questions) {
        return new AgentsFile(environment, defaults, questions).read(text);
    }

    private StaticAgentCatalog read(String text) {
        Section root = new Section("", tree(text), problems, questions);
        String defaultAgent = root.textOrEmpty("default_agent");
        Section section = root.section("agents");
        if (!root.has("agents")) {
            root.problem("agents", "is missing; describe at least one, for instance\nagents:\n  echo:\n    bot: echo");
        }
        List<Agent> agents = new ArrayList<>();
        for (String name : section.names()) {
            if (!NAME.matcher(name).matches()) {
                section.problem(name, "is no name for an agent; use up to 64 letters, digits, _, . and -");
            }
            agents.add(AgentReader.read(name, section.section(name), defaults));
        }
        root.refuseTheRest();
        checkPorts(agents);
        try {
            StaticAgentCatalog catalog = new StaticAgentCatalog(agents, defaultAgent);
            if (problems.isEmpty()) {
                return catalog;
            }
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        throw new ConfigurationException(problems);
    }

    private void checkPorts(List<Agent> agents) {
        Map<String, String> taken = new LinkedHashMap<>();
        for (Agent agent : agents) {
            String listen = agent.listen();
            if (listen != null && !listen.endsWith(":0")) {
                String other = taken.putIfAbsent(listen, agent.name());
                if (other != null) {
                    problems.add("agents." + agent.name() + ".listen is " + listen + ", which agent '" + other
                            + "' has; give each agent a port of its own");
                }
            }
        }
    }

    private Map<String, @Nullable Object> tree(String text) {
        try {
            Map<String, Object> tree = YAML.readValue(text, new TypeReference<Map<String, Object>>() {});
            return tree == null ? Map.of() : substitutedMap("", tree);
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw new ConfigurationException(List.of("is not valid YAML"
                    + (place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr())
                    + ": " + firstLine(e.getOriginalMessage())));
        }
    }

    private Map<String, @Nullable Object> substitutedMap(String path, Map<?, ?> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, value) ->
                result.put(String.valueOf(key), substituted(path.isEmpty() ? "" + key : path + "." + key, value)));
        return result;
    }

    private @Nullable Object substituted(String path, @Nullable Object value) {
        return switch (value) {
            case String text -> substitutedText(path, text);
            case Map<?, ?> map -> substitutedMap(path, map);
            case List<?> list -> {
                List<@Nullable Object> result = new ArrayList<>();
                for (int i = 0; i < list.size(); i++) {
                    result.add(substituted(path + "[" + i + "]", list.get(i)));
                }
                yield result;
            }
            case null, default -> value;
        };
    }

    private String substitutedText(String path, String text) {
        try {
            return EnvironmentText.substitute(text, environment);
        } catch (IllegalArgumentException e) {
            problems.add(path + ": " + e.getMessage());
            return "unset";
        }
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "unreadable" : text.lines().findFirst().orElse("unreadable");
    }
}
