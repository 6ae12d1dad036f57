package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** One counter with labels. Safe for all threads; each combination of labels is kept for ever. */
final class Tally {
    private final String name;
    private final String help;
    private final Map<Labels, LongAdder> counts = new ConcurrentHashMap<>();

    /**
     * Makes one.
     *
     * @param name without {@code _total}
     */
    Tally(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /** The same, with values of its one label that are shown before they happen. */
    static Tally of(String name, String help, String label, List<String> values) {
        Tally tally = new Tally(name, help);
        values.forEach(value -> tally.counts.put(Labels.of(label, value), new LongAdder()));
        return tally;
    }

    void add(Labels labels) {
        add(labels, 1);
    }

    void add(Labels labels, long count) {
        counts.computeIfAbsent(labels, unknown -> new LongAdder()).add(count);
    }

    CounterSnapshot snapshot() {
        Map<Labels, Long> values = new LinkedHashMap<>();
        counts.forEach((labels, count) -> values.put(labels, count.sum()));
        return Snapshots.counters(name, help, values);
    }
}
