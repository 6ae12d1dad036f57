package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counter;
import static org.pipecatmanager.daemon.metrics.Snapshots.counters;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts recordings of calls. */
final class RecordingCounts {
    private final LongAdder kept = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final LongAdder lostMillis = new LongAdder();

    void ended(boolean toTheEnd, long millis) {
        (toTheEnd ? kept : cut).increment();
        lostMillis.add(millis);
    }

    List<MetricSnapshot> snapshots() {
        return List.of(
                counters(
                        "pipecat_manager_recordings",
                        "Recordings that are over: to the end of their call, or cut because they could not be kept.",
                        Map.of(Labels.of("result", "kept"), kept.sum(), Labels.of("result", "cut"), cut.sum())),
                counter(
                        "pipecat_manager_recording_lost_milliseconds",
                        "What is missing in recordings, both edges together.",
                        lostMillis.sum()));
    }
}
