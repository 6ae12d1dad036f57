package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes a runner posts to, {@code /{id}/tools} and {@code /{id}/member-switched}; what is not under an id goes on to the
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
            Map<String, Object> answer = answer(exchange, path[1], path[2]);
            exchange.respond(200, JSON_TYPE, JSON.writeValueAsBytes(answer));
        } catch (RequestException e) {
            exchange.respond(
                    e.status().code(), JSON_TYPE, JSON.writeValueAsBytes(Map.of("error", String.valueOf(e.getMessage()))));
        }
    }

    private static boolean isRoute(String segment) {
        return segment.equals("tools") || segment.equals("member-switched") || segment.equals("ws");
    }

    private Map<String, Object> answer(HttpExchange exchange, String idText, String route) {
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
        JsonNode body = parse(exchange.body());
        return route.equals("tools") ? tool(id.get(), token, body) : switched(id.get(), token, body);
    }

    private static JsonNode parse(byte[] body) {
        try {
            JsonNode tree = JSON.readTree(body);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JacksonException e) {
            throw RequestException.invalid("BAD_JSON", "the body of " + body.length + " bytes is not JSON");
        }
        throw RequestException.invalid("BAD_JSON", "the body is not a JSON object");
    }

    private Map<String, Object> tool(PipecatcallId id, Secret token, JsonNode body) {
        JsonNode function = body.path("function");
        String arguments = function.path("arguments").asString("");
        ToolResult result = callbacks.toolCalled(
                id,
                token,
                new ToolCall(required(body, "id"), required(function, "name"), arguments, arguments(arguments)));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tool_call_id", result.toolCallId());
        answer.put("result", result.succeeded() ? "success" : "failed");
        answer.put("message", result.message());
        answer.put("resource_type", result.resourceType());
        answer.put("resource_id", result.resourceId());
        Object data = result.data();
        if (data != null) {
            answer.put("data", data);
        }
        return answer;
    }

    /** A model that calls a function without parameters may write nothing at all. */
    private static Map<String, Object> arguments(String json) {
        if (json.isBlank()) {
            return Map.of();
        }
        try {
            Map<String, Object> parsed = JSON.readValue(json.getBytes(StandardCharsets.UTF_8), OBJECT);
            return parsed == null ? Map.of() : parsed;
        } catch (JacksonException e) {
            throw RequestException.invalid("BAD_ARGUMENTS", "function.arguments is not a JSON object in a string");
        }
    }

    private Map<String, Object> switched(PipecatcallId id, Secret token, JsonNode body) {
        callbacks.memberSwitched(
                id,
                token,
                body.path("transition_function_name").asString(""),
                member(body.path("from_member")),
                member(body.path("to_member")));
        return Map.of("status", "ok");
    }

    private static Member member(JsonNode node) {
        return new Member(
                node.path("id").asString(""),
                node.path("name").asString(""),
                node.path("engine_model").asString(""),
                node.path("tts_type").asString(""),
                node.path("tts_voice_id").asString(""),
                node.path("stt_type").asString(""));
    }

    private static String required(JsonNode node, String key) {
        String value = node.path(key).asString("");
        if (value.isEmpty()) {
            throw RequestException.invalid("MISSING_KEY", "'" + key + "' is missing or not a string");
        }
        return value;
    }
}
