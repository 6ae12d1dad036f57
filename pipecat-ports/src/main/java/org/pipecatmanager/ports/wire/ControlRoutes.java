package org.pipecatmanager.ports.wire;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.pipecatmanager.ports.wire.RouteTable.Route;

/**
 * The routes of the control API: who answers a method and a path, and with what. RPC and HTTP share them.
 *
 * <p>Every answer is a plain map with status 200; a refusal is a {@link RequestException}. The body of a request is asked for
 * only where a route has one. Safe for all threads.
 */
public final class ControlRoutes {
    /** The label of what has no route. */
    public static final String NO_ROUTE = "notfound";

    /** The longest path of ours has 62 characters. */
    private static final int SHOWN_CHARS = 96;

    private final PipecatcallControl control;
    private final Function<Map<String, ?>, StartCommand> starts;
    private final boolean prefixAllowed;

    private ControlRoutes(
            PipecatcallControl control, Function<Map<String, ?>, StartCommand> starts, boolean prefixAllowed) {
        this.control = control;
        this.starts = starts;
        this.prefixAllowed = prefixAllowed;
    }

    /** As RPC has them: a path may have something before it, and a start brings its id. */
    public static ControlRoutes forRpc(PipecatcallControl control) {
        return new ControlRoutes(control, StartWire::fromMap, true);
    }

    /** As HTTP has them: a path is the whole path, and a start without an id gets the next of {@code ids}. */
    public static ControlRoutes forHttp(PipecatcallControl control, IdSource ids) {
        return new ControlRoutes(control, body -> StartWire.fromMap(body, ids), false);
    }

    /** What a route does, for those who treat some of them differently. */
    public enum Kind {
        /** Answers at once, from memory. */
        PING,
        /** Reads records. */
        LOOKUP,
        /** Ends a call. */
        STOP,
        /** Starts a call. */
        START,
        /** Puts text into a call. */
        MESSAGE
    }

    /** What was found for a method and a path. */
    public sealed interface Match {
        /** The path with {@code <pipecatcall-id>} for an id, or {@link #NO_ROUTE}: for metrics. */
        default String label() {
            return NO_ROUTE;
        }
    }

    /** A refusal in waiting: nobody answers this. */
    public sealed interface Miss extends Match {
        /** 404 with what is wrong: over RPC everything without a route is not found. */
        RequestException refusal();
    }

    /** Somebody answers. */
    public final class Found implements Match {
        private final Route route;
        private final @Nullable PipecatcallId id;
        private final String query;

        private Found(Route route, @Nullable PipecatcallId id, String query) {
            this.route = route;
            this.id = id;
            this.query = query;
        }

        @Override
        public String label() {
            return route.label();
        }

        public Kind kind() {
            return route.kind();
        }

        /**
         * The answer, whose status is 200.
         *
         * @param body  the request's; asked for at most once, on this thread
         * @param reach {@code HERE} for what another daemon handed on
         * @param trace what the request says it is part of, outside its body; null when it says nothing
         * @throws RequestException the refusal
         */
        public Map<String, @Nullable Object> answer(
                Supplier<? extends Map<String, ?>> body, Reach reach, @Nullable TraceContext trace) {
            return route.action().answer(new RouteTable.Request(control, starts, id, query, body, reach, trace));
        }
    }

    /** The path is known, its method is another one. */
    public record OtherMethod(String method, String path, List<String> allowed) implements Miss {
        @Override
        public RequestException refusal() {
            return new RequestException(
                    Status.NOT_FOUND,
                    "METHOD",
                    shown(path) + " does not take " + MapReader.shown(method) + "; use "
                            + String.join(" or ", allowed));
        }
    }

    /** The path would be known, but for its id. */
    public record BadId(String complaint) implements Miss {
        @Override
        public RequestException refusal() {
            return new RequestException(Status.NOT_FOUND, "INVALID_ID", complaint);
        }
    }

    /** Nothing is there. */
    public record Unknown(String path) implements Miss {
        @Override
        public RequestException refusal() {
            return new RequestException(
                    Status.NOT_FOUND,
                    "NO_ROUTE",
                    "there is nothing at '" + shown(path) + "'; use one of " + String.join(", ", RouteTable.labels()));
        }
    }

    /**
     * Finds who answers.
     *
     * @param method upper case
     * @param uri    path, with or without a query behind a question mark
     */
    public Match match(String method, String uri) {
        int mark = uri.indexOf('?');
        var path = mark < 0 ? uri : uri.substring(0, mark);
        var allowed = new TreeSet<String>();
        Route found = null;
        for (var route : RouteTable.ROUTES) {
            if (matches(route.path(), path)) {
                allowed.add(route.method());
                found = route.method().equals(method) ? route : found;
            }
        }
        if (allowed.isEmpty()) {
            return new Unknown(path);
        }
        if (found == null) {
            return new OtherMethod(method, path, List.copyOf(allowed));
        }
        var query = mark < 0 ? "" : uri.substring(mark + 1);
        return found.hasId() ? withId(found, path, query) : new Found(found, null, query);
    }

    private Match withId(Route route, String path, String query) {
        var parts = path.split("/", -1);
        try {
            return new Found(route, PipecatcallId.parse(parts.length > 3 ? parts[3] : ""), query);
        } catch (IllegalArgumentException e) {
            return new BadId(String.valueOf(e.getMessage()));
        }
    }

    private static String shown(String path) {
        return path.length() <= SHOWN_CHARS ? path : path.substring(0, SHOWN_CHARS) + "…";
    }

    private boolean matches(Pattern pattern, String path) {
        var matcher = pattern.matcher(path);
        return prefixAllowed ? matcher.find() : matcher.matches();
    }
}
