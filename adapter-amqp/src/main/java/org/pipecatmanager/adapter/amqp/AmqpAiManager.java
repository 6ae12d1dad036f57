package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.AiCallWire;
import org.pipecatmanager.ports.wire.AiWire;
import org.pipecatmanager.ports.wire.TeamWire;
import org.pipecatmanager.ports.wire.ToolCatalogWire;
import org.pipecatmanager.ports.wire.ToolWire;

/** ai-manager on its queue. Safe for all threads that may block. */
public final class AmqpAiManager implements AiManager {
    static final String TARGET = "ai-manager";
    static final String QUEUE = "bin-manager.ai-manager.request";
    /** The platform's default for a request between services. */
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final RpcTarget target;

    /** Asks through a client that others use too. */
    public AmqpAiManager(RpcClient client, RpcMeter meter, TimeSource time) {
        this(client::exchange, meter, time);
    }

    AmqpAiManager(RpcTarget.Exchange exchange, RpcMeter meter, TimeSource time) {
        this.target = new RpcTarget(TARGET, exchange, meter, time);
    }

    @Override
    public AiCall aiCall(UUID id) {
        return get("/v1/aicalls/" + id, "/v1/aicalls/<aicall-id>", AiCallWire::fromMap);
    }

    @Override
    public Ai ai(UUID id) {
        return get("/v1/ais/" + id, "/v1/ais/<ai-id>", AiWire::fromMap);
    }

    @Override
    public Team team(UUID id) {
        return get("/v1/teams/" + id, "/v1/teams/<team-id>", TeamWire::fromMap);
    }

    @Override
    public List<ToolDefinition> tools() {
        return get("/v1/tools", "/v1/tools", ToolCatalogWire::fromMap);
    }

    /** Waits at most {@link #TOOL_DEADLINE}. */
    @Override
    public ToolResult executeTool(UUID aiCallId, ToolCall call) {
        var request = RpcCall.of("POST", "/v1/aicalls/" + aiCallId + "/tool_execute", ToolWire.toMap(call));
        var answer = target.ask(QUEUE, request, "/v1/aicalls/<aicall-id>/tool_execute", TOOL_DEADLINE);
        return target.read(request, answer, data -> ToolWire.resultFromMap(call.id(), data));
    }

    private <T> T get(String uri, String resource, Function<Map<String, ?>, T> mapper) {
        var request = RpcCall.of("GET", uri);
        return target.read(request, target.ask(QUEUE, request, resource, DEADLINE), mapper);
    }
}
