package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.out.RpcMeter;

/** Counts what goes over the broker, under the names that the platform's dashboards know. */
public final class RpcCounts implements RpcMeter, MultiCollector {
    /** Where the platform's counters of repeated events have a queue. */
    private static final String EVENTS = "bin-manager.pipecat-manager.event";
    /** The value of a breaker's gauge is the place of its state here. */
    private static final List<String> BREAKER_STATES = List.of("closed", "open", "half-open");

    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE");

    private final MillisHistogram received = new MillisHistogram(
            "pipecat_manager_receive_request_process_time",
            "Milliseconds from the arrival of a request to its answer, by route.");
    private final Tally answered =
            new Tally("pipecat_manager_receive_requests", "Requests answered, by route, method and status.");
    private final MillisHistogram requested = new MillisHistogram(
            "pipecat_manager_request_process_time", "Milliseconds that other services took to answer.");
    private final MillisHistogram notified = new MillisHistogram(
            "pipecat_manager_notify_process_time",
            "Milliseconds from handing an event to the broker to its confirmation.");
    private final Tally notifications =
            new Tally("pipecat_manager_notify", "Events that the broker confirmed, by type.");
    private final Tally published =
            new Tally("pipecat_manager_event_publish", "Events that the broker confirmed, by type.");
    private final Tally transitions = new Tally(
            "pipecat_manager_circuitbreaker_state_transitions", "Times a breaker went from one state to another.");
    private final Tally rejected =
            new Tally("pipecat_manager_circuitbreaker_rejected", "Requests that a breaker kept from being sent.");
    private final Tally retried = new Tally("rabbitmqhandler_event_retried", "Events that were sent again.");
    private final Tally dropped = new Tally(
            "rabbitmqhandler_event_dropped", "Deltas of a generation dropped because broker or store was away.");
    private final Map<String, Integer> breakers = new ConcurrentHashMap<>();
    private final AtomicLong up = new AtomicLong();
    private final LongAdder connections = new LongAdder();

    @Override
    public void received(String route, String method, int status, Duration took) {
        String known = METHODS.contains(method) ? method : "other";
        received.observe(Labels.of("type", route, "method", known), took);
        answered.add(Labels.of("type", route, "method", known, "status", String.valueOf(status)));
    }

    @Override
    public void requested(String target, String resource, String method, Duration took) {
        requested.observe(Labels.of("target", target, "resource", resource, "method", method), took);
        breakers.putIfAbsent(target, 0);
    }

    @Override
    public void breakerMoved(String target, String from, String to) {
        transitions.add(Labels.of("target", target, "from", from, "to", to));
        breakers.put(target, Math.max(0, BREAKER_STATES.indexOf(to)));
    }

    @Override
    public void breakerRejected(String target) {
        rejected.add(Labels.of("target", target));
    }

    @Override
    public void eventPublished(String type, Duration took) {
        notified.observe(Labels.of("type", type), took);
        notifications.add(Labels.of("type", type));
        published.add(Labels.of("event_type", type));
    }

    /** How often one event was repeated is not told: each repetition counts as a first one. */
    @Override
    public void eventRetried(String type) {
        retried.add(Labels.of("queue", EVENTS, "retry_count", "1"));
    }

    @Override
    public void eventDropped(String type) {
        dropped.add(Labels.of("queue", EVENTS));
    }

    @Override
    public void connected(boolean nowUp) {
        up.addAndGet(nowUp ? 1 : -1);
        if (nowUp) {
            connections.increment();
        }
    }

    @Override
    public MetricSnapshots collect() {
        Map<Labels, Long> states = new LinkedHashMap<>();
        breakers.forEach((target, state) -> states.put(Labels.of("target", target), state.longValue()));
        return MetricSnapshots.of(
                received.snapshot(),
                answered.snapshot(),
                requested.snapshot(),
                notified.snapshot(),
                notifications.snapshot(),
                published.snapshot(),
                gauges(
                        "pipecat_manager_circuitbreaker_state",
                        "State of the breaker of a target: 0 closed, 1 open, 2 half-open.",
                        states),
                transitions.snapshot(),
                rejected.snapshot(),
                retried.snapshot(),
                dropped.snapshot(),
                gauges(
                        "pipecat_manager_broker_connections",
                        "Connections to the broker now: two when all is well.",
                        Map.of(Labels.EMPTY, up.get())),
                Snapshots.counter(
                        "pipecat_manager_broker_connections_opened",
                        "Connections to the broker that came up.",
                        connections.sum()));
    }
}
