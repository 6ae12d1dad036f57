package org.pipecatmanager.ports.out;

import java.util.List;
import java.util.Optional;
import org.pipecatmanager.ports.model.Agent;

/** The agents this daemon knows. Safe for all threads, never blocks. */
public interface AgentCatalog {
    Optional<Agent> find(String name);

    /** Who answers a UUID nobody registered; empty where such callers are refused. */
    Optional<Agent> defaultAgent();

    /** All names, sorted. */
    List<String> names();
}
