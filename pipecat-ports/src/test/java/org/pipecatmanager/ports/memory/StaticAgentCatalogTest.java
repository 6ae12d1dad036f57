package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.ConfigurationException;

class StaticAgentCatalogTest {
    private final Agent echo = Agent.of("echo", "echo");
    private final Agent tone = Agent.of("tone", "tone");

    @Test
    void agents_are_found_by_name_and_listed_in_order() {
        var catalog = new StaticAgentCatalog(List.of(tone, echo), "echo");
        assertThat(catalog.find("tone")).contains(tone);
        assertThat(catalog.find("nobody")).isEmpty();
        assertThat(catalog.names()).containsExactly("echo", "tone");
        assertThat(catalog.defaultAgent()).contains(echo);
    }

    @Test
    void without_a_default_there_is_none() {
        assertThat(new StaticAgentCatalog(List.of(echo), "").defaultAgent()).isEmpty();
    }

    @Test
    void all_problems_are_told_at_once() {
        assertThatThrownBy(() -> new StaticAgentCatalog(List.of(echo, echo), "reception"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "agents: two agents are named 'echo'; rename one of them",
                                        "default_agent 'reception' is not an agent; use one of [echo] or leave it empty to"
                                                + " refuse unregistered callers"));
    }
}
