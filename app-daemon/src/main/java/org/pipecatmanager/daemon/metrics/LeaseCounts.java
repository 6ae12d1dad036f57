package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counter;
import static org.pipecatmanager.daemon.metrics.Snapshots.counters;
import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.out.LeaseMeter;

/** Counts how daemons watch each other. */
public final class LeaseCounts implements LeaseMeter, MultiCollector {
    private final AtomicLong up = new AtomicLong();
    private final LongAdder renewed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder claimed = new LongAdder();

    @Override
    public void renewed(boolean succeeded) {
        (succeeded ? renewed : failed).increment();
    }

    @Override
    public void reachable(boolean reachable) {
        up.set(reachable ? 1 : 0);
    }

    @Override
    public void claimed(int calls) {
        claimed.add(calls);
    }

    @Override
    public MetricSnapshots collect() {
        return MetricSnapshots.of(
                gauges(
                        "pipecat_manager_leases_up",
                        "Whether the leases of the daemons can be reached.",
                        Map.of(Labels.EMPTY, up.get())),
                counters(
                        "pipecat_manager_lease_renewals",
                        "Attempts to prolong our lease.",
                        Map.of(
                                Labels.of("result", "success"),
                                renewed.sum(),
                                Labels.of("result", "failed"),
                                failed.sum())),
                counter(
                        "pipecat_manager_claimed_calls",
                        "Calls of daemons that are gone, closed by this one.",
                        claimed.sum()));
    }
}
