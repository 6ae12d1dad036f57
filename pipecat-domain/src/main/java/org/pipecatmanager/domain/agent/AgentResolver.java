package org.pipecatmanager.domain.agent;

import java.util.List;
import java.util.Optional;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.RequestException;

/** Finds the agent of a call in the catalogue. */
public final class AgentResolver {
    private final AgentCatalog catalog;

    public AgentResolver(AgentCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * The agent a start names, or the default agent.
     *
     * @throws RequestException 400 when there is none; the message lists what there is
     */
    public Agent resolve(StartCommand command) {
        Optional<Agent> found = command.agent().isEmpty() ? catalog.defaultAgent() : catalog.find(command.agent());
        return found.orElseThrow(() -> command.agent().isEmpty()
                ? RequestException.invalid(
                        "AGENT_MISSING", "agent is not given and there is no default_agent; use one of " + names())
                : RequestException.invalid(
                        "AGENT_UNKNOWN", "agent '" + command.agent() + "' is unknown; use one of " + names()));
    }

    /**
     * The agent for a caller whose id nobody registered.
     *
     * @param listenersAgent agent whose own port the caller came to, or empty
     */
    public Optional<Agent> resolveCaller(String listenersAgent) {
        return listenersAgent.isEmpty() ? catalog.defaultAgent() : catalog.find(listenersAgent);
    }

    /**
     * What a start of that agent needs. An assistant that neither hears nor speaks is a text conversation.
     */
    public static SessionPlan planOf(StartCommand command, Agent agent) {
        boolean hears = agent.hears() || !command.sttType().isEmpty();
        boolean speaks = agent.speaks() || !command.ttsType().isEmpty();
        boolean assistant = agent.bot().equals("assistant");
        boolean needsLeg = !assistant || hears || speaks;
        boolean needsInput = assistant ? hears : agent.bot().equals("echo");
        return new SessionPlan(needsLeg, needsInput, agent.limits());
    }

    private List<String> names() {
        return catalog.names();
    }
}
