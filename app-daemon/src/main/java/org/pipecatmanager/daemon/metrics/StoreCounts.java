package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counter;
import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.out.StoreMeter;

/** Counts what is written behind the calls' backs. */
public final class StoreCounts implements StoreMeter, MultiCollector {
    private final AtomicLong queuedEntries = new AtomicLong();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicLong spooledBytes = new AtomicLong();
    private final AtomicLong outboxEntries = new AtomicLong();
    private final AtomicLong outboxBehind = new AtomicLong();
    private final AtomicLong up = new AtomicLong();
    private final LongAdder written = new LongAdder();
    private final LongAdder intermediates = new LongAdder();
    private final LongAdder fenced = new LongAdder();
    private final LongAdder overloaded = new LongAdder();
    private final LongAdder spoolCut = new LongAdder();
    private final Tally refused =
            new Tally("pipecat_manager_journal_refused_entries", "Entries dropped that the database will never take.");
    private final Histogram batches = new Histogram(
            "pipecat_manager_journal_batch_seconds",
            "How long transactions of the journal took.",
            1,
            2,
            5,
            10,
            25,
            50,
            100,
            250,
            1_000,
            5_000);

    @Override
    public void queued(int entries, long bytes) {
        queuedEntries.set(entries);
        queuedBytes.set(bytes);
    }

    @Override
    public void spooled(long bytes) {
        spooledBytes.set(bytes);
    }

    @Override
    public void batchWritten(int entries, Duration took) {
        written.add(entries);
        batches.observe(took.toNanos());
    }

    @Override
    public void outbox(int entries, boolean behind) {
        outboxEntries.set(entries);
        outboxBehind.set(behind ? 1 : 0);
    }

    @Override
    public void intermediatesDropped(int count) {
        intermediates.add(count);
    }

    @Override
    public void fenced(int entries) {
        fenced.add(entries);
    }

    @Override
    public void refused(String kind) {
        refused.add(Labels.of("kind", kind));
    }

    @Override
    public void overloaded() {
        overloaded.increment();
    }

    @Override
    public void spoolCut(long bytes) {
        spoolCut.add(bytes);
    }

    @Override
    public void reachable(boolean nowUp) {
        up.set(nowUp ? 1 : 0);
    }

    @Override
    public MetricSnapshots collect() {
        return MetricSnapshots.of(
                gauge("pipecat_manager_store_up", "Whether the database can be used.", up),
                gauge("pipecat_manager_journal_entries", "Entries in memory, to be written.", queuedEntries),
                gauge("pipecat_manager_journal_bytes", "What they take, about.", queuedBytes),
                gauge(
                        "pipecat_manager_spool_bytes",
                        "What waits on disk to be written: the database is, or was, away.",
                        spooledBytes),
                gauge("pipecat_manager_outbox_events", "Events in memory, to leave.", outboxEntries),
                gauge("pipecat_manager_outbox_behind", "Whether more events wait in the database only.", outboxBehind),
                counter("pipecat_manager_journal_written_entries", "Entries written.", written.sum()),
                batches.snapshot(),
                counter(
                        "pipecat_manager_intermediates_dropped",
                        "Deltas of generations dropped because store or broker was away.",
                        intermediates.sum()),
                counter(
                        "pipecat_manager_journal_fenced_entries",
                        "Entries dropped because another daemon has closed their call.",
                        fenced.sum()),
                refused.snapshot(),
                counter(
                        "pipecat_manager_journal_overloads",
                        "Times something was turned away because queue and spool were full.",
                        overloaded.sum()),
                counter(
                        "pipecat_manager_spool_cut_bytes",
                        "Bytes of the spool that could not be read and were cut off.",
                        spoolCut.sum()));
    }

    private static GaugeSnapshot gauge(String name, String help, AtomicLong value) {
        return gauges(name, help, Map.of(Labels.EMPTY, value.get()));
    }
}
