package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counters;
import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Counts connections by kind: {@code leg}, {@code link} and {@code http}. */
public final class Connections implements MultiCollector {
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    /** The meter of one kind. */
    public ConnectionMeter kind(String name) {
        return kinds.computeIfAbsent(name, unknown -> new Kind());
    }

    @Override
    public MetricSnapshots collect() {
        Map<Labels, Long> open = new LinkedHashMap<>();
        Map<Labels, Long> opened = new LinkedHashMap<>();
        Map<Labels, Long> closed = new LinkedHashMap<>();
        Map<Labels, Long> dropped = new LinkedHashMap<>();
        Map<Labels, Long> odd = new LinkedHashMap<>();
        kinds.forEach((name, kind) -> {
            long gone = kind.closed.values().stream().mapToLong(LongAdder::sum).sum();
            long came = kind.opened.sum();
            open.put(Labels.of("kind", name), Math.max(0, came - gone));
            opened.put(Labels.of("kind", name), came);
            kind.closed.forEach((reason, count) -> closed.put(Labels.of("kind", name, "reason", reason), count.sum()));
            kind.dropped.forEach((what, count) -> dropped.put(Labels.of("kind", name, "what", what), count.sum()));
            kind.odd.forEach((what, count) -> odd.put(Labels.of("kind", name, "what", what), count.sum()));
        });
        return MetricSnapshots.of(
                gauges("pipecat_manager_connections", "Connections now, by kind.", open),
                counters("pipecat_manager_connections_opened", "Connections accepted, by kind.", opened),
                counters(
                        "pipecat_manager_connections_closed", "Connections that are gone, by kind and reason.", closed),
                counters("pipecat_manager_connection_drops", "What connections dropped for want of room.", dropped),
                counters(
                        "pipecat_manager_connection_oddities",
                        "Connections that did what an operator should look at.",
                        odd));
    }

    private static final class Kind implements ConnectionMeter {
        private final LongAdder opened = new LongAdder();
        private final Map<String, LongAdder> closed = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> dropped = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> odd = new ConcurrentHashMap<>();

        @Override
        public void opened() {
            opened.increment();
        }

        @Override
        public void closed(String reason) {
            closed.computeIfAbsent(reason, unknown -> new LongAdder()).increment();
        }

        @Override
        public void dropped(String what) {
            dropped.computeIfAbsent(what, unknown -> new LongAdder()).increment();
        }

        @Override
        public void odd(String what) {
            odd.computeIfAbsent(what, unknown -> new LongAdder()).increment();
        }
    }
}
