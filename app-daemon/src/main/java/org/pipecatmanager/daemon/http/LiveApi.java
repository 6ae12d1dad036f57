package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.AgentCatalog;

/** What there is to hear and to call, over HTTP only: levels of live calls, the agents of this machine. */
public final class LiveApi {
    private static final Pattern LEVELS = Pattern.compile("/v1/pipecatcalls/([^/]+)/levels");
    private static final String AGENTS = "/v1/agents";

    private final LevelFeed levels;
    private final AgentCatalog agents;

    /** Makes the routes; {@code agents} has none on a platform. */
    public LiveApi(LevelFeed levels, AgentCatalog agents) {
        this.levels = levels;
        this.agents = agents;
    }

    /**
     * Answers, if the path is one of these.
     *
     * @return false when it is not
     * @throws IOException the client is gone
     */
    boolean answers(HttpExchange exchange, String path) throws IOException {
        Matcher watched = LEVELS.matcher(path);
        if (watched.matches()) {
            ControlApi.allow(exchange, List.of("GET"));
            LevelStream.send(levels, ControlApi.id(watched.group(1)), exchange);
            return true;
        }
        if (path.equals(AGENTS)) {
            ControlApi.allow(exchange, List.of("GET"));
            ControlApi.answer(
                    exchange,
                    200,
                    Map.of("result", agents.names().stream().map(this::told).toList()));
            return true;
        }
        return false;
    }

    /** What everybody who may call may know: no prompt, no key, no address. */
    private Map<String, Object> told(String name) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("bot", agents.find(name).map(Agent::bot).orElse(""));
        map.put("default", agents.defaultAgent().map(Agent::name).equals(Optional.of(name)));
        map.put("recording", "off");
        return map;
    }
}
