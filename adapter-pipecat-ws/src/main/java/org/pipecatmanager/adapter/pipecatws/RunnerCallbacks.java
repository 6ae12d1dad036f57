package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.pipecatmanager.ports.wire.MemberWire;
import org.pipecatmanager.ports.wire.ToolWire;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes a runner posts to, {@code /{id}/tools} and {@code /{id}/member-switched}; what is not under an id goes on
 * to the
 * daemon's handler. Errors are {@code {"error": "…"}} with their own status.
 */
final class RunnerCallbacks implements HttpHandler {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final String JSON_TYPE = "application/json";

    private final ToolCallbacks callbacks;
    private final HttpHandler others;

    RunnerCallbacks(ToolCallbacks callbacks, HttpHandler others) {
        this.callbacks = callbacks;
        this.others = others;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String[] path = exchange.path().split("/", -1);
        boolean runners = path.length == 3 && path[0].isEmpty() && isRoute(path[2]);
        if (!runners) {
            others.handle(exchange);
            return;
        }
        try {
            Map<String, @Nullable Object> answer = answer(exchange, path[1], path[2]);
            exchange.respond(200, JSON_TYPE, JSON.writeValueAsBytes(answer));
        } catch (RequestException e) {
            exchange.respond(
                    e.status().code(),
                    JSON_TYPE,
                    JSON.writeValueAsBytes(Map.of("error", String.valueOf(e.getMessage()))));
        }
    }

    private static boolean isRoute(String segment) {
        return segment.equals("tools") || segment.equals("member-switched") || segment.equals("ws");
    }

    private Map<String, @Nullable Object> answer(HttpExchange exchange, String idText, String route) {
        Optional<PipecatcallId> id = RunnerPaths.id(idText);
        if (id.isEmpty()) {
            throw RequestException.invalid("BAD_ID", "the id in the path is not a lower-case UUID");
        }
        if (route.equals("ws")) {
            throw RequestException.invalid("NO_UPGRADE", "a link is a WebSocket; ask for an upgrade");
        }
        if (!exchange.method().equals("POST")) {
            throw RequestException.invalid("BAD_METHOD", exchange.method() + " means nothing here; use POST");
        }
        String authorization = exchange.header("Authorization");
        Secret token = RunnerPaths.bearer(authorization == null ? "" : authorization);
        if (token.isEmpty()) {
            throw new RequestException(Status.UNAUTHENTICATED, "NO_TOKEN", "send the link's token as bearer token");
        }
        Map<String, Object> body = parse(exchange.body());
        return route.equals("tools") ? tool(id.get(), token, body) : switched(id.get(), token, body);
    }

    private static Map<String, Object> parse(byte[] body) {
        try {
            return object(new String(body, StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw RequestException.invalid("BAD_JSON", "the body of " + body.length + " bytes is not a JSON object");
        }
    }

    private static Map<String, Object> object(String json) {
        Map<String, Object> read = JSON.readValue(json, OBJECT);
        return read == null ? Map.of() : read;
    }

    private Map<String, @Nullable Object> tool(PipecatcallId id, Secret token, Map<String, Object> body) {
        return ToolWire.toMap(callbacks.toolCalled(id, token, ToolWire.callFromMap(body, RunnerCallbacks::object)));
    }

    private Map<String, @Nullable Object> switched(PipecatcallId id, Secret token, Map<String, Object> body) {
        MemberWire.Switch read = MemberWire.switchFromMap(body);
        callbacks.memberSwitched(id, token, read.transitionFunctionName(), read.from(), read.to());
        return Map.of("status", "ok");
    }
}
