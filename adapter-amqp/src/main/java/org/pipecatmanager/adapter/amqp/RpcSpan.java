package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.Locale;
import org.pipecatmanager.ports.model.Span.Kind;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.OpenSpan;

/**
 * One request to another service as a span of what its thread works on, named by the method and the pattern of the path. The
 * request carries it as {@code traceparent}; one that is part of no call carries none.
 */
final class RpcSpan implements AutoCloseable {
    private static final int FIRST_ERROR = 400;

    private final OpenSpan span;

    private RpcSpan(OpenSpan span) {
        this.span = span;
    }

    static RpcSpan begin(String target, RpcCall request, String resource) {
        OpenSpan span = OpenSpan.current().child(request.method() + " " + resource, Kind.CLIENT);
        span.put("messaging.system", "rabbitmq");
        span.put("rpc.service", target);
        return new RpcSpan(span);
    }

    RpcAnswer exchange(RpcTarget.Exchange exchange, String queue, RpcCall request, Duration deadline)
            throws RpcFailure {
        RpcCall told = span.context()
                .map(context -> request.with(TraceContext.HEADER, context.traceparent()))
                .orElse(request);
        try {
            RpcAnswer answer = exchange.exchange(queue, told, deadline);
            span.put("rpc.response.status_code", String.valueOf(answer.statusCode()));
            if (answer.statusCode() >= FIRST_ERROR) {
                span.failed(String.valueOf(answer.statusCode()));
            }
            return answer;
        } catch (RpcFailure e) {
            span.failed(e.why().name().toLowerCase(Locale.ROOT));
            throw e;
        }
    }

    @Override
    public void close() {
        span.close();
    }
}
