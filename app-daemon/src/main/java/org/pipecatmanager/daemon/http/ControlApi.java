package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.adapter.pipecatws.HttpHandler;
import org.pipecatmanager.ports.in.EventFeed;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.ControlRoutes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes of the control API. Answers are JSON; a refusal is its status with the platform's error object.
 *
 * <p>Health and the console's files are answered to everybody, the rest to whom {@link ApiAccess} lets in.
 */
public final class ControlApi implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    private static final String JSON_TYPE = "application/json";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private static final Pattern EVENTS = Pattern.compile("/v1/pipecatcalls/([^/]+)/events");

    private final PipecatcallControl control;
    private final EventFeed feed;
    private final ControlRoutes routes;
    private final LiveApi live;
    private final ApiAccess access;
    private final Readiness readiness;
    private final ConsolePage console = ConsolePage.packaged();

    /**
     * Makes the routes.
     *
     * @param ids makes the id of a start that brings none
     */
    public ControlApi(
            PipecatcallControl control,
            EventFeed feed,
            IdSource ids,
            LiveApi live,
            ApiAccess access,
            Readiness readiness) {
        this.control = control;
        this.feed = feed;
        this.routes = ControlRoutes.forHttp(control, ids);
        this.live = live;
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
                Readiness.Report report = readiness.report();
                answer(exchange, report.httpStatus(), report.toMap());
            }
            default -> {
                if (ConsolePage.has(exchange)) {
                    console.answer(exchange);
                    return;
                }
                access.check(exchange);
                api(exchange, path);
            }
        }
    }

    private void api(HttpExchange exchange, String path) throws IOException {
        Matcher events = EVENTS.matcher(path);
        if (events.matches()) {
            allow(exchange, List.of("GET"));
            PipecatcallId id = id(events.group(1));
            new EventStream(control, feed, id).send(exchange, lastEventId(exchange.header("Last-Event-ID")));
            return;
        }
        if (live.answers(exchange, path)) {
            return;
        }
        switch (routes.match(exchange.method(), path + "?" + exchange.query())) {
            case ControlRoutes.Found route ->
                answer(exchange, 200, route.answer(() -> body(exchange), Reach.EVERYWHERE, trace(exchange)));
            case ControlRoutes.OtherMethod other -> allow(exchange, other.allowed());
            case ControlRoutes.BadId bad -> throw RequestException.invalid("INVALID_ID", bad.complaint());
            case ControlRoutes.Unknown unknown ->
                throw new HttpRefusal(
                        404,
                        "NO_ROUTE",
                        "there is nothing at this path; the routes are listed in docs/api/openapi.yaml");
        }
    }

    static void allow(HttpExchange exchange, List<String> methods) {
        if (!methods.contains(exchange.method())) {
            String allowed = String.join(", ", methods);
            exchange.setHeader("Allow", allowed);
            throw new HttpRefusal(405, "METHOD", "this path does not take the method; use " + allowed);
        }
    }

    static PipecatcallId id(String text) {
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

    private static @Nullable TraceContext trace(HttpExchange exchange) {
        String header = exchange.header(TraceContext.HEADER);
        return header == null ? null : TraceContext.parse(header).orElse(null);
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

    static void answer(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        exchange.setHeader("Cache-Control", "no-store");
        exchange.respond(status, JSON_TYPE, JSON.writeValueAsBytes(body));
    }
}
