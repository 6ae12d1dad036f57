package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.RecordingSpans;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.Spans;
import org.pipecatmanager.ports.testing.VirtualClock;

/** What other services are told of the trace of a call, and the spans of asking them. */
class RpcSpanTest {
    private static final TraceContext CALL =
            new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    private final VirtualClock clock = new VirtualClock();
    private final SequentialIds ids = new SequentialIds();
    private final RecordingSpans spans = new RecordingSpans().want();
    private final ScriptedExchange exchange = new ScriptedExchange();
    private final RpcTarget target = new RpcTarget("ai-manager", exchange, new RecordingRpcMeter(), clock);

    @Test
    void a_request_names_its_own_span_which_is_below_what_its_thread_works_on() {
        exchange.json(Map.of());
        RpcAnswer unused = call(spans).call(this::ask);

        Span span = spans.only("GET /v1/ais/<ai-id>");
        assertThat(span.parent()).isEqualTo(CALL);
        assertThat(span.kind()).isEqualTo(Span.Kind.CLIENT);
        assertThat(span.error()).isEmpty();
        assertThat(span.attributes())
                .containsEntry("messaging.system", "rabbitmq")
                .containsEntry("rpc.service", "ai-manager")
                .containsEntry("rpc.response.status_code", "200");
        assertThat(exchange.asked.getFirst().request().headers())
                .containsEntry("traceparent", span.context().traceparent());
    }

    @Test
    void what_goes_wrong_is_in_the_span() {
        exchange.answer(404, "", null);
        RpcAnswer unused = call(spans).call(this::ask);
        exchange.fail(RpcFailure.Why.TIMED_OUT);
        assertThatThrownBy(() -> call(spans).call(this::ask)).isInstanceOf(ManagerException.class);

        assertThat(spans.all()).extracting(Span::error).containsExactly("404", "timed_out");
    }

    @Test
    void where_nobody_wants_spans_the_call_itself_is_named() {
        exchange.json(Map.of());
        RpcAnswer unused = call(Spans.NONE).call(this::ask);

        assertThat(exchange.asked.getFirst().request().headers()).containsEntry("traceparent", CALL.traceparent());
    }

    @Test
    void a_request_that_is_part_of_no_call_names_none() {
        exchange.json(Map.of());
        RpcAnswer unused = ask();

        assertThat(exchange.asked.getFirst().request().headers()).isEmpty();
        assertThat(spans.all()).isEmpty();
    }

    private OpenSpan call(Spans wanted) {
        return OpenSpan.ofCall(ids.nextCallId(), CALL, null, wanted, ids, clock);
    }

    private RpcAnswer ask() {
        return target.ask("q", RpcCall.of("GET", "/v1/ais/7"), "/v1/ais/<ai-id>", Duration.ofSeconds(3));
    }
}
