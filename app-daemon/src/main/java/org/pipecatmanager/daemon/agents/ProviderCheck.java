package org.pipecatmanager.daemon.agents;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.config.Nearest;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.AgentCatalog;

/** Holds agents against the providers that the runner says it has, so that an operator learns of a mistake before a caller. */
public final class ProviderCheck {
    private static final List<String> KINDS = List.of("llm", "stt", "tts");

    private final Map<String, ?> providers;
    private final List<String> complaints = new ArrayList<>();

    private ProviderCheck(Map<String, ?> providers) {
        this.providers = providers;
    }

    /**
     * What is wrong with the agents, one sentence each.
     *
     * @param providers as {@code RunnerLauncher.providers()} lists them; what it does not tell is not complained about
     */
    public static List<String> complaints(AgentCatalog agents, Map<String, ?> providers) {
        ProviderCheck check = new ProviderCheck(providers);
        for (String name : agents.names()) {
            agents.find(name).ifPresent(check::agent);
        }
        return check.complaints;
    }

    private void agent(Agent agent) {
        String path = "agents." + agent.name();
        pipeline(path, agent.pipeline());
        if (agent.section("team").get("members") instanceof List<?> members) {
            for (Object member : members) {
                if (member instanceof Map<?, ?> map && map.get("agent") instanceof Map<?, ?> pipeline) {
                    pipeline(path + ".team.members." + map.get("id"), pipeline);
                }
            }
        }
    }

    private void pipeline(String path, Map<?, ?> pipeline) {
        for (String kind : KINDS) {
            if (pipeline.get(kind) instanceof Map<?, ?> section) {
                provider(path + "." + kind, kind, section);
                if (section.get("fallback") instanceof List<?> fallback) {
                    for (int i = 0; i < fallback.size(); i++) {
                        if (fallback.get(i) instanceof Map<?, ?> next) {
                            provider(path + "." + kind + ".fallback[" + i + "]", kind, next);
                        }
                    }
                }
            }
        }
    }

    private void provider(String path, String kind, Map<?, ?> section) {
        String type = String.valueOf(section.get("type"));
        Map<String, Map<?, ?>> known = known(kind);
        if (known.isEmpty()) {
            return;
        }
        Map<?, ?> provider = known.get(type);
        if (provider == null) {
            complaints.add(path + ".type is '" + type + "', which the runner does not know; use one of "
                    + String.join(", ", known.keySet()) + Nearest.hint(type, known.keySet()));
        } else if (Boolean.FALSE.equals(provider.get("installed"))) {
            complaints.add(path + ": " + type + " is not installed in the runner; run dev/python-setup.sh "
                    + provider.get("extra"));
        } else if (Boolean.FALSE.equals(provider.get("configured")) && section.get("api_key") == null) {
            complaints.add(path + ": " + type + " lacks " + provider.get("missing")
                    + " in the runner's environment, and no api_key is given");
        }
    }

    /** By name and by alias. */
    private Map<String, Map<?, ?>> known(String kind) {
        Map<String, Map<?, ?>> known = new LinkedHashMap<>();
        for (Object each : list(providers.get(kind))) {
            if (each instanceof Map<?, ?> provider) {
                known.put(String.valueOf(provider.get("name")), provider);
                list(provider.get("aliases")).forEach(alias -> known.put(String.valueOf(alias), provider));
            }
        }
        return known;
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
