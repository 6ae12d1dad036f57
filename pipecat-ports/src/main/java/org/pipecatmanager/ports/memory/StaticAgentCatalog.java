package org.pipecatmanager.ports.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Agents that do not change while the daemon runs. */
public final class StaticAgentCatalog implements AgentCatalog {
    private final Map<String, Agent> agents;
    private final @Nullable Agent defaultAgent;

    /**
     * Makes a catalogue.
     *
     * @param agents       with names of their own
     * @param defaultAgent name of the one that answers unregistered UUIDs, or empty for none
     * @throws ConfigurationException two agents have one name, or the default agent is not among them
     */
    public StaticAgentCatalog(Collection<Agent> agents, String defaultAgent) {
        var byName = new TreeMap<String, Agent>();
        var problems = new ArrayList<String>();
        for (var agent : agents) {
            if (byName.put(agent.name(), agent) != null) {
                problems.add("agents: two agents are named '" + agent.name() + "'; rename one of them");
            }
        }
        if (!defaultAgent.isEmpty() && !byName.containsKey(defaultAgent)) {
            problems.add("default_agent '" + defaultAgent + "' is not an agent; use one of " + byName.keySet()
                    + " or leave it empty to refuse unregistered callers");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        this.agents = byName;
        this.defaultAgent = byName.get(defaultAgent);
    }

    @Override
    public Optional<Agent> find(String name) {
        return Optional.ofNullable(agents.get(name));
    }

    @Override
    public Optional<Agent> defaultAgent() {
        return Optional.ofNullable(defaultAgent);
    }

    @Override
    public List<String> names() {
        return List.copyOf(agents.keySet());
    }
}
