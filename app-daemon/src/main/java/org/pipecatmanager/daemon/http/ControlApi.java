package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.adapter.pipecatws.HttpHandler;
import org.pipecatmanager.ports.in.EventFeed;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.ListWire;
import org.pipecatmanager.ports.wire.MessageWire;
import org.pipecatmanager.ports.wire.PingWire;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import org.pipecatmanager.ports.wire.StartWire;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes of the control API. Answers are JSON; a refusal is its status with the platform's error object.
 *
 * <p>Health is answered to everybody, the rest to whom {@link ApiAccess} lets in.
 */
public final class ControlApi implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    private static final String JSON_TYPE = "application/json";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final PipecatcallControl control;
    private final EventFeed feed;
    private final IdSource ids;
    private final ApiAccess access;
    private final Readiness readiness;

    /**
     * Makes the routes.
     *
     * @param ids makes the id of a start that brings none
     */
    public ControlApi(PipecatcallControl control, EventFeed feed, IdSource ids, ApiAccess access, Readiness readiness) {
        this.control = control;
        this.feed = feed;
        this.ids = ids;
        this.access = access;
        this.readiness = readiness;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            route(exchange);
        } catch (HttpRefusal e) {
            exchange.respond(e.code(), JSON_TYPE, JSON.writeValueAsBytes(e.body()));
        } catch (StoreException e) {
            LOG.warn("{} could not be answered: the store cannot be reached", exchange.method(), e);
            throw RequestException.unavailable("STORE_UNAVAILABLE", "the store of calls cannot be reached; try again");
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String path = exchange.path();
        switch (path) {
            case "/healthz" -> answer(exchange, 200, Map.of("status", "ok"));
            case "/readyz" -> {
                String state = readiness.state();
                answer(exchange, state.equals("ready") ? 200 : 503, Map.of("status", state));
            }
            default -> {
                access.check(exchange);
                api(exchange, path);
            }
        }
    }

    private void api(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/v1/ping" -> {
                allow(exchange, "GET");
                answer(exchange, 200, PingWire.toMap(control.ping()));
            }
            case "/v1/messages" -> {
                allow(exchange, "POST");
                answer(
                        exchange,
                        200,
                        MessageWire.toMap(control.sendMessage(MessageWire.commandFromMap(body(exchange)))));
            }
            case "/v1/pipecatcalls" -> {
                if (allow(exchange, "GET", "POST").equals("POST")) {
                    answer(exchange, 200, PipecatcallWire.toMap(control.start(StartWire.fromMap(body(exchange), ids))));
                } else {
                    answer(
                            exchange,
                            200,
                            ListWire.toMap(
                                    control.list(ListWire.queryFromParameters(parameters(exchange.query()))),
                                    PipecatcallWire::toMap));
                }
            }
            default -> call(exchange, path.split("/", -1));
        }
    }

    private void call(HttpExchange exchange, String[] parts) throws IOException {
        boolean ofACall =
                parts.length >= 4 && parts[0].isEmpty() && parts[1].equals("v1") && parts[2].equals("pipecatcalls");
        String action = parts.length == 4 ? "" : parts.length == 5 ? parts[4] : "?";
        if (ofACall && action.isEmpty()) {
            allow(exchange, "GET");
            answer(exchange, 200, PipecatcallWire.toMap(control.get(id(parts[3]))));
        } else if (ofACall && action.equals("stop")) {
            allow(exchange, "POST");
            answer(exchange, 200, PipecatcallWire.toMap(control.stop(id(parts[3]))));
        } else if (ofACall && action.equals("events")) {
            allow(exchange, "GET");
            PipecatcallId id = id(parts[3]);
            new EventStream(control, feed, id).send(exchange, lastEventId(exchange.header("Last-Event-ID")));
        } else {
            throw new HttpRefusal(
                    404, "NO_ROUTE", "there is nothing at this path; the routes are listed in docs/operations.md");
        }
    }

    private static String allow(HttpExchange exchange, String... methods) {
        for (String method : methods) {
            if (exchange.method().equals(method)) {
                return method;
            }
        }
        String allowed = String.join(", ", methods);
        exchange.setHeader("Allow", allowed);
        throw new HttpRefusal(405, "METHOD", "this path does not take the method; use " + allowed);
    }

    private static PipecatcallId id(String text) {
        try {
            return PipecatcallId.parse(text);
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid("INVALID_ID", String.valueOf(e.getMessage()));
        }
    }

    private static long lastEventId(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return 0;
        }
        try {
            long sequence = Long.parseLong(header.strip());
            if (sequence >= 0) {
                return sequence;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw RequestException.invalid(
                "LAST_EVENT_ID", "Last-Event-ID is not the id of an event of a call; send a whole number, or nothing");
    }

    private static Map<String, Object> body(HttpExchange exchange) {
        byte[] body = exchange.body();
        if (body.length == 0) {
            throw RequestException.invalid("NO_BODY", "the body is empty; send a JSON object");
        }
        try {
            if (JSON.readTree(body).isObject()) {
                return JSON.readValue(body, OBJECT);
            }
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw RequestException.invalid(
                    "BAD_JSON",
                    "the body of " + body.length + " bytes is not JSON"
                            + (place == null ? "" : ": line " + place.getLineNr() + ", column " + place.getColumnNr()));
        }
        throw RequestException.invalid("BAD_JSON", "the body is JSON but not an object; send {…}");
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.putIfAbsent(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid(
                    "BAD_QUERY", "the query is not URL-encoded: a % stands before two hexadecimal digits");
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        exchange.setHeader("Cache-Control", "no-store");
        exchange.respond(status, JSON_TYPE, JSON.writeValueAsBytes(body));
    }
}
