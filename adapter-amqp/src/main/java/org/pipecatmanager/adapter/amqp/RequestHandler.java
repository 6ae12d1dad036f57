package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.ControlRoutes;
import org.pipecatmanager.ports.wire.ControlRoutes.Found;
import org.pipecatmanager.ports.wire.ControlRoutes.Kind;
import org.pipecatmanager.ports.wire.ControlRoutes.Match;
import org.pipecatmanager.ports.wire.ControlRoutes.Miss;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes of a request to the bytes of its answer, without a broker. Each request on a thread of its own. */
final class RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
    /** Why a start is refused here and may be taken elsewhere. */
    private static final Set<String> FULL = Set.of("MAX_SESSIONS", "STOPPING");
    /** Methods that may be the label of a metric: what a caller makes up may not. */
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE", "PATCH");

    private final ControlRoutes routes;
    private final Workload workload;
    private final RpcMeter meter;

    RequestHandler(PipecatcallControl control, Workload workload, RpcMeter meter) {
        this.routes = ControlRoutes.forRpc(control);
        this.workload = workload;
        this.meter = meter;
    }

    /**
     * Deals with a request; never throws.
     *
     * @param trace     what the message says the request is part of; null when it says nothing
     * @param mayGoBack whether a start that this daemon is too full for may be tried by another one
     * @return the answer; null to give the request back to the broker
     */
    byte @Nullable [] handle(byte[] body, Reach reach, @Nullable TraceContext trace, boolean mayGoBack) {
        long began = System.nanoTime();
        String label = ControlRoutes.NO_ROUTE;
        boolean isStart = false;
        String method = "other";
        RpcRequest request = null;
        RequestException refusal;
        try {
            request = RpcServerCodec.request(body);
            method = METHODS.contains(request.method()) ? request.method() : method;
            var match = routes.match(request.method(), request.uri());
            label = match.label();
            isStart = match instanceof Found found && found.kind() == Kind.START;
            byte[] answer = RpcServerCodec.answer(answer(match, request, reach, trace));
            meter.received(label, method, 200, since(began));
            return answer;
        } catch (RequestException e) {
            if (mayGoBack && isStart && FULL.contains(e.reason())) {
                return null;
            }
            refusal = e;
        } catch (StoreException e) {
            LOG.warn("{} {} (request id '{}') could not be answered: {}", method, label, id(request), e.getMessage());
            LOG.debug("the store's failure", e);
            refusal = RequestException.unavailable(
                    "STORE_UNAVAILABLE", "the store of calls cannot be reached; try again");
        } catch (RuntimeException e) {
            LOG.error("{} {} (request id '{}') failed", method, label, id(request), e);
            refusal = new RequestException(
                    Status.INTERNAL,
                    "INTERNAL",
                    "this daemon has a defect; its log has the cause under the request id '" + id(request) + "'");
        }
        meter.received(label, method, refusal.status().code(), since(began));
        return RpcServerCodec.refusal(refusal);
    }

    private Map<String, @Nullable Object> answer(
            Match match, RpcRequest request, Reach reach, @Nullable TraceContext trace) {
        return switch (match) {
            case Miss miss -> throw miss.refusal();
            case Found found -> bounded(found, request, reach, trace);
        };
    }

    private Map<String, @Nullable Object> bounded(
            Found found, RpcRequest request, Reach reach, @Nullable TraceContext trace) {
        Kind kind = found.kind();
        if (!workload.begin(kind)) {
            throw RequestException.unavailable(
                    "BUSY",
                    "this daemon has " + workload.limit() + " of " + workload.limit()
                            + " such requests in work; try again in a moment");
        }
        try {
            return found.answer(request::body, reach, trace);
        } finally {
            workload.end(kind);
        }
    }

    /** A caller's text goes into the log: one line of it, and not much. */
    private static String id(@Nullable RpcRequest request) {
        if (request == null) {
            return "";
        }
        var text = request.requestId();
        return (text.length() <= 64 ? text : text.substring(0, 64) + "…").replaceAll("\\p{Cntrl}", "?");
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
