package org.pipecatmanager.ports.wire;

import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.Dtmf;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.Speaking;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.TurnMetrics;

/**
 * Events as they are published: {@code {type, publisher, data_type, data}}.
 *
 * <p>The platform's own kinds carry the record, a message or a handover. Ours carry the keys that identify the call
 * ({@code customer_id}, {@code pipecatcall_id}, {@code pipecatcall_reference_type}, {@code pipecatcall_reference_id},
 * {@code activeflow_id}) and then:
 *
 * <table>
 * <caption>data of our own kinds</caption>
 * <tr><th>type</th><th>keys</th></tr>
 * <tr><td>{@code …_started_speaking}, {@code …_stopped_speaking}</td><td>none</td></tr>
 * <tr><td>{@code bot_interrupted}</td><td>{@code heard_ms}, {@code dropped_ms}</td></tr>
 * <tr><td>{@code tool_call_started}</td><td>{@code tool_call_id}, {@code name}</td></tr>
 * <tr><td>{@code tool_call_finished}</td><td>{@code tool_call_id}, {@code name}, {@code succeeded}, {@code took_ms}</td></tr>
 * <tr><td>{@code metrics_reported}</td><td>{@code samples}: list of {@code kind}, {@code processor}, {@code value}</td></tr>
 * <tr><td>{@code dtmf_received}</td><td>{@code key}</td></tr>
 * <tr><td>{@code error_reported}</td><td>{@code source}, {@code message}, {@code fatal}; of a provider also
 * {@code part}, {@code provider}, {@code kind}, {@code action}, {@code to}</td></tr>
 * <tr><td>{@code runner_lost}</td><td>{@code attempt}, {@code reason}, {@code message}</td></tr>
 * <tr><td>{@code runner_replaced}</td><td>{@code attempt}, {@code took_ms}</td></tr>
 * </table>
 *
 * <p>The sequence of the event within its call is not part of it; a server-sent event carries it as its id.
 */
public final class EventWire {
    /** Who publishes, and the domain of errors. */
    public static final String PUBLISHER = "pipecat-manager";

    private EventWire() {}

    /** The envelope with its data. */
    public static Map<String, @Nullable Object> toMap(CallEvent event) {
        return envelope(event).map();
    }

    /** The envelope with its data, and then {@code tm_event}: when it happened. Not for brokers, whose messages have their own. */
    public static Map<String, @Nullable Object> toMapWithTime(CallEvent event) {
        return envelope(event).time("tm_event", event.at()).map();
    }

    private static MapWriter envelope(CallEvent event) {
        return new MapWriter()
                .always("type", event.type().wireName())
                .always("publisher", PUBLISHER)
                .always("data_type", "application/json")
                .always("data", data(event));
    }

    /** The data alone. */
    public static Map<String, @Nullable Object> data(CallEvent event) {
        return switch (event.payload()) {
            case Pipecatcall call -> PipecatcallWire.toMap(call);
            case Message message -> MessageWire.toMap(message);
            case MemberSwitched switched -> MemberWire.toMap(switched);
            case Speaking speaking -> ofCall(speaking.ref()).map();
            case Interruption interruption ->
                ofCall(interruption.ref())
                        .always("heard_ms", interruption.heardMillis())
                        .always("dropped_ms", interruption.droppedMillis())
                        .map();
            case ToolActivity activity -> toolActivity(event.type(), activity);
            case TurnMetrics metrics -> metrics(metrics);
            case Problem problem -> problem(problem);
            case RunnerChange change -> runnerChange(change);
            case Dtmf dtmf ->
                ofCall(dtmf.ref()).always("key", String.valueOf(dtmf.key())).map();
        };
    }

    private static Map<String, @Nullable Object> toolActivity(EventType type, ToolActivity activity) {
        var writer = ofCall(activity.ref())
                .text("tool_call_id", activity.toolCallId())
                .text("name", activity.name());
        if (type != EventType.TOOL_CALL_STARTED) {
            writer.always("succeeded", activity.succeeded()).always("took_ms", activity.tookMillis());
        }
        return writer.map();
    }

    private static Map<String, @Nullable Object> metrics(TurnMetrics metrics) {
        var samples = new ArrayList<Map<String, @Nullable Object>>();
        for (var sample : metrics.samples()) {
            samples.add(new MapWriter()
                    .always("kind", sample.kind())
                    .always("processor", sample.processor())
                    .always("value", sample.value())
                    .map());
        }
        return ofCall(metrics.ref()).always("samples", samples).map();
    }

    private static Map<String, @Nullable Object> problem(Problem problem) {
        var writer = ofCall(problem.ref())
                .text("source", problem.source())
                .text("message", problem.message())
                .always("fatal", problem.fatal());
        var failure = problem.failure();
        if (failure != null) {
            writer.text("part", failure.part())
                    .text("provider", failure.provider())
                    .text("kind", failure.kind())
                    .text("action", failure.action())
                    .text("to", failure.to());
        }
        return writer.map();
    }

    private static Map<String, @Nullable Object> runnerChange(RunnerChange change) {
        var writer = ofCall(change.ref()).always("attempt", change.attempt());
        var loss = change.loss();
        return loss == null
                ? writer.always("took_ms", change.tookMillis()).map()
                : writer.always("reason", loss.wireName())
                        .text("message", change.message())
                        .map();
    }

    private static MapWriter ofCall(SessionRef ref) {
        return new MapWriter().uuid("customer_id", ref.customerId()).ref(ref);
    }
}
