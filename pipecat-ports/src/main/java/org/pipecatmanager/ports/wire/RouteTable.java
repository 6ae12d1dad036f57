package org.pipecatmanager.ports.wire;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.ControlRoutes.Kind;

/** The table behind {@link ControlRoutes}. */
final class RouteTable {
    private static final String ID_LABEL = "<pipecatcall-id>";

    static final List<Route> ROUTES = List.of(
            route("POST", "/v1/pipecatcalls", Kind.START, RouteTable::start),
            route("GET", "/v1/pipecatcalls", Kind.LOOKUP, RouteTable::list),
            route(
                    "GET",
                    "/v1/pipecatcalls/" + ID_LABEL,
                    Kind.LOOKUP,
                    request -> PipecatcallWire.toMap(request.control().get(request.callId()))),
            route(
                    "POST",
                    "/v1/pipecatcalls/" + ID_LABEL + "/stop",
                    Kind.STOP,
                    request -> PipecatcallWire.toMap(request.control().stop(request.callId(), request.reach()))),
            route(
                    "GET",
                    "/v1/pipecatcalls/" + ID_LABEL + "/messages",
                    Kind.LOOKUP,
                    request -> ListWire.toMap(request.control().messages(request.callId()), SpokenMessageWire::toMap)),
            route(
                    "GET",
                    "/v1/pipecatcalls/" + ID_LABEL + "/turns",
                    Kind.LOOKUP,
                    request -> ListWire.toMap(request.control().turns(request.callId()), TurnWire::toMap)),
            route(
                    "GET",
                    "/v1/pipecatcalls/" + ID_LABEL + "/report",
                    Kind.LOOKUP,
                    request -> CallReportWire.toMap(request.control().report(request.callId()))),
            route("POST", "/v1/messages", Kind.MESSAGE, RouteTable::message),
            route("GET", "/v1/providers", Kind.LOOKUP, RouteTable::providers),
            route(
                    "GET",
                    "/v1/ping",
                    Kind.PING,
                    request -> PingWire.toMap(request.control().ping())));

    private RouteTable() {}

    /**
     * One route.
     *
     * @param path ends where the path ends; any text stands for an id, so that a bad one can be told from no route
     */
    record Route(String method, String label, Pattern path, Kind kind, Action action) {
        boolean hasId() {
            return label.contains(ID_LABEL);
        }
    }

    /** What answers. */
    @FunctionalInterface
    interface Action {
        Map<String, @Nullable Object> answer(Request request);
    }

    /** All that an answer may need. */
    record Request(
            PipecatcallControl control,
            Function<Map<String, ?>, StartCommand> starts,
            @Nullable PipecatcallId id,
            String query,
            Supplier<? extends Map<String, ?>> body,
            Reach reach,
            @Nullable TraceContext trace) {
        PipecatcallId callId() {
            return Objects.requireNonNull(id, "a route with an id was found without one");
        }
    }

    /** Every path once. */
    static List<String> labels() {
        return ROUTES.stream().map(Route::label).distinct().toList();
    }

    private static Route route(String method, String label, Kind kind, Action action) {
        return new Route(method, label, Pattern.compile(label.replace(ID_LABEL, "[^/]+") + "\\z"), kind, action);
    }

    private static Map<String, @Nullable Object> start(Request request) {
        var command = request.starts().apply(request.body().get()).withTrace(request.trace());
        return PipecatcallWire.toMap(request.control().start(command));
    }

    private static Map<String, @Nullable Object> list(Request request) {
        var query = ListWire.queryFromParameters(parameters(request.query()));
        return ListWire.toMap(request.control().list(query), PipecatcallWire::toMap);
    }

    private static Map<String, @Nullable Object> providers(Request request) {
        return new LinkedHashMap<>(request.control().providers());
    }

    private static Map<String, @Nullable Object> message(Request request) {
        var command = MessageWire.commandFromMap(request.body().get());
        return MessageWire.toMap(request.control().sendMessage(command, request.reach()));
    }

    /** The parameters of a query, decoded; the first value of each counts. */
    private static Map<String, String> parameters(String query) {
        var parameters = new LinkedHashMap<String, String>();
        for (var pair : query.split("&", -1)) {
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
}
