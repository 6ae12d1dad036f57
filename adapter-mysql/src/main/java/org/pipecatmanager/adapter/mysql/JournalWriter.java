package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread between the queue, the spool and the database. What was put first is written first: while anything is in
 * the spool, what comes goes there too. That is when the database is away, and when it is slower than the calls.
 */
final class JournalWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    /** Entries in one transaction. */
    static final int BATCH = 256;
    /** How often a database that is away is tried. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** More than a queue can hold: only time, or the end, is waited for. */
    private static final int NOTHING_MORE = Integer.MAX_VALUE;

    private final JournalQueue queue;
    private final Spool spool;
    private final JournalSql sql;
    private final BatchWriter batches;
    private final Overlay overlay;
    private final JournalProgress progress;
    private final StoreMeter meter;
    private final TimeSource time;
    private long nextProbeNanos;
    private String spoolProblem = "";
    private volatile long closeByNanos;

    JournalWriter(
            JournalQueue queue,
            Spool spool,
            JournalSql sql,
            BatchWriter batches,
            Overlay overlay,
            JournalProgress progress,
            StoreMeter meter,
            TimeSource time) {
        this.queue = queue;
        this.spool = spool;
        this.sql = sql;
        this.batches = batches;
        this.overlay = overlay;
        this.progress = progress;
        this.meter = meter;
        this.time = time;
    }

    /** Before the queue is closed: until when what is left may go to the database rather than to the spool. */
    void closeBy(long nanos) {
        closeByNanos = nanos;
    }

    @Override
    public void run() {
        try {
            while (!isOver()) {
                step();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        leave();
    }

    private boolean isOver() {
        return queue.isClosed()
                && ((queue.isEmpty() && spool.isEmpty()) || !progress.isUp() || time.nanoTime() - closeByNanos >= 0);
    }

    private void step() throws InterruptedException {
        try {
            if (progress.isUp() && spool.isEmpty() && !queue.isCrowded()) {
                queue.awaitMore(0, Long.MAX_VALUE);
                fromMemory();
                return;
            }
            toSpool();
            long untilProbe = progress.isUp() ? 0 : nextProbeNanos - time.nanoTime();
            if (untilProbe <= 0) {
                fromSpool();
            } else {
                queue.awaitMore(queue.isEmpty() ? 0 : NOTHING_MORE, untilProbe);
            }
        } catch (StoreException e) {
            nextProbeNanos = time.nanoTime() + PROBE_NANOS;
            progress.away(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            nextProbeNanos = time.nanoTime() + PROBE_NANOS;
            progress.away("the spool cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the journal's writer failed and tries again; this is a defect, report it", e);
            nextProbeNanos = time.nanoTime() + PROBE_NANOS;
            progress.away("internal failure " + e.getClass().getName());
        }
    }

    private void fromMemory() {
        batches.write(queue.first(BATCH), stamped -> {
            queue.remove(1);
            settle(stamped);
        });
    }

    private void fromSpool() throws IOException {
        if (!progress.isUp() && !sql.answers()) {
            nextProbeNanos = time.nanoTime() + PROBE_NANOS;
            return;
        }
        if (spool.isEmpty()) {
            batches.write(queue.first(BATCH), stamped -> {
                queue.remove(1);
                settle(stamped);
            });
        } else {
            var chunk = spool.read(BATCH);
            batches.write(chunk.entries(), this::settle);
            spool.advance(chunk.next());
        }
        progress.up();
    }

    /** Moves what is in memory to the disk, as far as it takes it. */
    private void toSpool() {
        while (true) {
            var batch = queue.first(BATCH);
            if (batch.isEmpty()) {
                return;
            }
            var lasting = batch.stream()
                    .filter(stamped -> !stamped.entry().droppable())
                    .toList();
            int taken = spooled(lasting);
            boolean all = taken == lasting.size();
            int moved = all ? batch.size() : taken == 0 ? 0 : batch.indexOf(lasting.get(taken - 1)) + 1;
            queue.remove(moved);
            if (moved > taken) {
                meter.intermediatesDropped(moved - taken);
            }
            if (!all) {
                return;
            }
        }
    }

    /** How many of them the disk took. */
    private int spooled(List<Stamped> entries) {
        int taken = 0;
        String problem;
        try {
            taken = spool.append(entries, this::settle);
            problem = taken == entries.size()
                    ? ""
                    : "it holds " + spool.bytes() + " bytes of at most " + spool.maxBytes()
                            + "; bring the database back";
        } catch (IOException e) {
            problem = e.toString();
        }
        if (!problem.equals(spoolProblem)) {
            if (!problem.isEmpty()) {
                LOG.error("the spool takes no more: {}", problem);
            }
            spoolProblem = problem;
        }
        return taken;
    }

    private void settle(Stamped stamped) {
        overlay.settled(stamped);
        progress.settled(stamped.number());
    }

    /** The end: what is not in the database stays on disk for the next start. */
    void leave() {
        toSpool();
        if (!queue.isEmpty()) {
            LOG.error("{} records and events are lost: neither database nor spool takes them", queue.size());
        } else if (!spool.isEmpty()) {
            LOG.warn("records and events wait in the spool for the next start");
        }
        spool.close();
    }
}
