package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counters;
import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.out.CacheMeter;

/** Counts what the cache of records does. */
public final class CacheCounts implements CacheMeter, MultiCollector {
    private final AtomicLong up = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder unreadable = new LongAdder();
    private final LongAdder failures = new LongAdder();

    @Override
    public void hit() {
        hits.increment();
    }

    @Override
    public void miss() {
        misses.increment();
    }

    @Override
    public void unreadable() {
        unreadable.increment();
    }

    @Override
    public void failed() {
        failures.increment();
    }

    @Override
    public void away(boolean away) {
        up.set(away ? 0 : 1);
    }

    @Override
    public MetricSnapshots collect() {
        Map<Labels, Long> operations = new LinkedHashMap<>();
        operations.put(Labels.of("result", "hit"), hits.sum());
        operations.put(Labels.of("result", "miss"), misses.sum());
        operations.put(Labels.of("result", "unreadable"), unreadable.sum());
        operations.put(Labels.of("result", "failed"), failures.sum());
        return MetricSnapshots.of(
                gauges("pipecat_manager_cache_up", "Whether the cache answers.", Map.of(Labels.EMPTY, up.get())),
                counters(
                        "pipecat_manager_cache_operations",
                        "Reads of the cache, and failures of any kind.",
                        operations));
    }
}
