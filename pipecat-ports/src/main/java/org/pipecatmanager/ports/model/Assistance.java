package org.pipecatmanager.ports.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a platform's lookups add to a call for the runner. An agent of {@code agents.yaml} needs none of it.
 *
 * @param llmKey    key of the model's provider; empty where the runner has its own
 * @param parameter of the model: temperature and the like
 * @param vadConfig voice activity section, may be empty
 * @param team      the team that answers, or null for a single assistant
 */
public record Assistance(
        Secret llmKey,
        Map<String, Object> parameter,
        Map<String, Object> vadConfig,
        boolean smartTurnEnabled,
        @Nullable ResolvedTeam team) {
    /** Nothing was looked up. */
    public static final Assistance NONE = new Assistance(Secret.of(""), Map.of(), Map.of(), false, null);

    public Assistance {
        parameter = OrderedMaps.copyOf(parameter);
        vadConfig = OrderedMaps.copyOf(vadConfig);
    }

    /** A single assistant with a key and nothing else. */
    public static Assistance ofKey(Secret llmKey) {
        return new Assistance(llmKey, Map.of(), Map.of(), false, null);
    }

    /** Prompts and keys stay out of messages. */
    @Override
    public String toString() {
        return "Assistance[" + (team == null ? "single" : "team " + team.id()) + "]";
    }
}
