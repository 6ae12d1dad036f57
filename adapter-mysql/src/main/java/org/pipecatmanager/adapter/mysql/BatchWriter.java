package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.pipecatmanager.adapter.mysql.JournalEntry.Event;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings batches into the database and their events into the outbox, in order. An entry the database will never take is
 * found by halving, logged without what it holds, counted and dropped.
 *
 * <p><b>Threads.</b> One.
 */
final class BatchWriter {
    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

    private final JournalSql sql;
    private final HostInstance self;
    private final OutboxBuffer outbox;
    private final LostCalls lostCalls;
    private final Consumer<PipecatcallId> onLost;
    private final StoreMeter meter;
    private final TimeSource time;

    BatchWriter(
            JournalSql sql,
            HostInstance self,
            OutboxBuffer outbox,
            LostCalls lostCalls,
            Consumer<PipecatcallId> onLost,
            StoreMeter meter,
            TimeSource time) {
        this.sql = sql;
        this.self = self;
        this.outbox = outbox;
        this.lostCalls = lostCalls;
        this.onLost = onLost;
        this.meter = meter;
        this.time = time;
    }

    /**
     * Writes entries of this process.
     *
     * @param settled hears of each one that is written or given up, in order
     * @throws StoreException the database cannot be used; those not settled are to be written again
     */
    void write(List<Stamped> batch, Consumer<Stamped> settled) {
        int done = 0;
        int size = batch.size();
        while (done < batch.size()) {
            var part = batch.subList(done, Math.min(batch.size(), done + size));
            try {
                commit(part);
            } catch (JournalSql.Refused e) {
                if (part.size() > 1) {
                    size = part.size() / 2;
                    continue;
                }
                refused(part.getFirst().entry(), e);
            }
            part.forEach(settled);
            done += part.size();
            size = Math.min(batch.size(), 2 * part.size());
        }
    }

    private void commit(List<Stamped> part) {
        long started = time.nanoTime();
        var entries = new ArrayList<JournalEntry>();
        int fenced = 0;
        for (var stamped : part) {
            if (lostCalls.contains(stamped.entry().call())) {
                fenced++;
            } else {
                entries.add(stamped.entry());
            }
        }
        var lasting = lasting(entries);
        JournalSql.Written written = JournalSql.Written.NOTHING;
        outbox.commits().lock();
        try {
            if (!lasting.isEmpty()) {
                written = sql.write(self, lasting);
                meter.batchWritten(lasting.size(), Duration.ofNanos(time.nanoTime() - started));
            }
            outbox.handOver(events(entries, written));
        } finally {
            outbox.commits().unlock();
        }
        fenced += tellLost(entries, written);
        tellMissing(lasting, written.missing());
        if (fenced > 0) {
            meter.fenced(fenced);
        }
    }

    private static List<JournalEntry> lasting(List<JournalEntry> entries) {
        return entries.stream().filter(entry -> !entry.droppable()).toList();
    }

    private static List<OutboxEntry> events(List<JournalEntry> entries, JournalSql.Written written) {
        var events = new ArrayList<OutboxEntry>();
        for (var entry : entries) {
            if (entry instanceof Event event
                    && (event.droppable()
                            ? !written.lost().contains(entry.call())
                            : written.waiting().contains(event.entry().messageId()))) {
                events.add(event.entry());
            }
        }
        return events;
    }

    private int tellLost(List<JournalEntry> entries, JournalSql.Written written) {
        if (written.lost().isEmpty()) {
            return 0;
        }
        outbox.forget(written.lost());
        for (var call : written.lost()) {
            if (lostCalls.add(call)) {
                LOG.warn("call {} was closed by another daemon, which took this one for dead", call);
                try {
                    onLost.accept(call);
                } catch (RuntimeException e) {
                    LOG.error("who hears of lost calls failed; this is a defect, report it", e);
                }
            }
        }
        return (int) entries.stream()
                .filter(entry -> written.lost().contains(entry.call()))
                .count();
    }

    /**
     * Writes entries of an earlier process in its name; their events stand in the outbox as its own, behind those it had
     * written before, until whoever claims what it left adopts them.
     *
     * @throws StoreException the database cannot be used; all are to be written again
     */
    void writeLeftover(HostInstance owner, List<Stamped> batch) {
        var left = new ArrayList<>(lasting(batch.stream().map(Stamped::entry).toList()));
        int size = left.size();
        while (!left.isEmpty()) {
            var part = left.subList(0, Math.min(size, left.size()));
            try {
                var written = sql.write(owner, List.copyOf(part));
                int fenced = (int) part.stream()
                        .filter(entry -> written.lost().contains(entry.call()))
                        .count();
                if (fenced > 0) {
                    meter.fenced(fenced);
                }
                tellMissing(part, written.missing());
            } catch (JournalSql.Refused e) {
                if (part.size() > 1) {
                    size = part.size() / 2;
                    continue;
                }
                refused(part.getFirst(), e);
            }
            part.clear();
        }
    }

    private void refused(JournalEntry entry, JournalSql.Refused why) {
        LOG.error(
                "the {} of call {} is dropped: {}",
                entry instanceof Event event ? event.entry().type() : entry.kind(),
                entry.call(),
                why.getMessage());
        meter.refused(entry.kind());
    }

    private void tellMissing(List<JournalEntry> entries, Set<PipecatcallId> missing) {
        if (missing.isEmpty()) {
            return;
        }
        var logged = new HashSet<PipecatcallId>();
        for (var entry : entries) {
            if (missing.contains(entry.call())) {
                meter.refused("orphan");
                if (logged.add(entry.call())) {
                    LOG.warn("a {} of call {} is dropped: there is no record of the call", entry.kind(), entry.call());
                }
            }
        }
    }
}
