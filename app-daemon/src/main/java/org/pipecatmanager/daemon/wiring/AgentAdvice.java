package org.pipecatmanager.daemon.wiring;

import org.pipecatmanager.daemon.agents.ProviderCheck;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator, once at the start, which agents ask for a provider that the runner cannot give. A runner that is not there
 * yet is left alone: {@code /readyz} tells of it, and calls are refused with the same words.
 */
final class AgentAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(AgentAdvice.class);

    private final AgentCatalog agents;
    private final RunnerLauncher runner;

    AgentAdvice(AgentCatalog agents, RunnerLauncher runner) {
        this.agents = agents;
        this.runner = runner;
    }

    /** Asks the runner on a thread of its own. */
    void give() {
        Thread.ofVirtual().name("agent-advice").start(() -> {
            try {
                ProviderCheck.complaints(agents, runner.providers())
                        .forEach(complaint -> LOG.warn("{}; calls of this agent will be refused", complaint));
            } catch (RunnerException e) {
                LOG.info("the agents' providers could not be looked up: {}", e.getMessage());
            }
        });
    }
}
