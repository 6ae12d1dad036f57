package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.mysql.JournalEntry.Event;
import org.pipecatmanager.adapter.mysql.JournalEntry.RecordUpdate;
import org.pipecatmanager.adapter.mysql.JournalEntry.ReportKept;
import org.pipecatmanager.adapter.mysql.JournalEntry.Said;
import org.pipecatmanager.adapter.mysql.JournalEntry.TurnKept;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.Outbox;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.EventWire;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything live calls want to have kept, written behind their backs in the order in which they said so: changes of
 * records, events, what was said, turns. One thread writes it in batches; while the database is away it waits in a bounded
 * spool on disk. What of it is an event stands in the outbox when it is written, and not before.
 *
 * <p><b>Life.</b> {@link #open}; {@link #onLost}; {@link #replayLeftovers}, before anybody claims what an earlier instance of
 * this host left; {@link #start}; {@link #close}.
 *
 * <p><b>Threads.</b> Safe for all. Sessions never wait for the database; at most 50 ms for room. One relay reads the outbox.
 *
 * <p><b>Failures.</b> {@link StoreException} when something cannot be kept because queue and spool are full, or the journal
 * is closed. What a crash of the process finds in memory, some milliseconds of it while the database is there, is lost.
 */
public final class Journal implements EventPublisher, Outbox, RecordWriter, HistoryWriter, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    /** How long the end may take before what is left goes to the spool. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    /** For a transaction under way when that is over, and the spool. */
    private static final Duration LAST_STEP = Duration.ofSeconds(6);

    private final JournalOptions options;
    private final TimeSource time;
    private final IdSource ids;
    private final Overlay overlay = new Overlay();
    private final LostCalls lostCalls = new LostCalls();
    private final JournalProgress progress;
    private final JournalQueue queue;
    private final Spool spool;
    private final OutboxBuffer outbox;
    private final BatchWriter batches;
    private final JournalWriter writer;
    private volatile Consumer<PipecatcallId> onLost = call -> {};
    private volatile @Nullable Thread thread;

    /**
     * A journal on a database that need not be there yet; opens the spool of {@code dataDirectory} and locks it.
     *
     * @param self          whose calls these are: what the rows carry
     * @param dataDirectory {@code DATA_DIR}; the spool is in its folder {@code spool}, mode 0700
     * @param ids           makes the message ids of events
     * @throws StoreException the spool cannot be used, or another process uses it
     */
    public static Journal open(
            Database database,
            HostInstance self,
            Path dataDirectory,
            JournalOptions options,
            TimeSource time,
            IdSource ids,
            StoreMeter meter) {
        return new Journal(new SqlJournal(database), self, dataDirectory, options, time, ids, meter);
    }

    Journal(
            JournalSql sql,
            HostInstance self,
            Path dataDirectory,
            JournalOptions options,
            TimeSource time,
            IdSource ids,
            StoreMeter meter) {
        this.options = options;
        this.time = time;
        this.ids = ids;
        progress = new JournalProgress(meter);
        queue = new JournalQueue(options.maxEntries(), options.maxBytes(), overlay, meter);
        outbox = new OutboxBuffer(sql, self, options.maxOutboxEntries(), options.maxOutboxBytes(), meter, time);
        batches = new BatchWriter(sql, self, outbox, lostCalls, call -> onLost.accept(call), meter, time);
        spool = Spool.open(dataDirectory, self, options.maxSpoolBytes(), meter);
        writer = new JournalWriter(queue, spool, sql, batches, overlay, progress, meter, time);
    }

    /**
     * Sets who hears, once each, of calls that another daemon has closed because it took this one for dead.
     *
     * @param listener called on the writer's thread; does not block
     */
    public void onLost(Consumer<PipecatcallId> listener) {
        onLost = listener;
    }

    /**
     * Writes what an earlier process left in the spool, in its name; blocks. Its events are relayed by whoever claims what
     * that instance left.
     *
     * @throws StoreException the database cannot be used; what is not written stays, and the call may be repeated
     * @throws IllegalStateException the journal was started
     */
    public void replayLeftovers() {
        if (thread != null) {
            throw new IllegalStateException("leftovers come before what is new: replay them before start()");
        }
        try {
            for (var segment = spool.leftover(); segment != null; segment = spool.leftover()) {
                var chunk = segment.read(JournalWriter.BATCH);
                batches.writeLeftover(segment.owner(), chunk.entries());
                LOG.info(
                        "{} records and events were written that instance {} had left in the spool",
                        chunk.entries().size(),
                        segment.owner().instanceId());
                spool.advanceLeftover(chunk.next());
            }
        } catch (IOException e) {
            throw new StoreException("what an earlier process left in the spool cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Starts the writer's thread.
     *
     * @throws IllegalStateException it was started before
     */
    public void start() {
        if (thread != null) {
            throw new IllegalStateException("the journal was started; start() is called once");
        }
        thread = Thread.ofPlatform().name("pipecat-journal").daemon().start(writer);
    }

    @Override
    public void publish(CallEvent event) {
        if (!options.outbox()) {
            return;
        }
        var entry = new OutboxEntry(
                ids.nextId(),
                event.id(),
                event.type().wireName(),
                event.sequence(),
                JsonMapper.shared().writeValueAsString(EventWire.toMap(event)),
                event.type() != EventType.MESSAGE_BOT_LLM_INTERMEDIATE,
                event.trace());
        queue.put(new Event(entry, event.at()));
    }

    @Override
    public void update(Pipecatcall call) {
        queue.put(new RecordUpdate(call));
    }

    @Override
    public void said(SpokenMessage message) {
        if (options.transcripts()) {
            queue.put(new Said(message));
        }
    }

    @Override
    public void turn(Turn turn) {
        queue.put(new TurnKept(turn));
    }

    @Override
    public void report(CallReport report) {
        queue.put(new ReportKept(report));
    }

    @Override
    public Optional<Pipecatcall> pending(PipecatcallId id) {
        return overlay.find(id);
    }

    /** Waits until everything taken so far is in the database; not while it is away. */
    @Override
    public void awaitWritten(Duration patience) {
        awaitSettled(patience);
    }

    /**
     * The same.
     *
     * @return whether it is: written, or given up with a line in the log
     */
    public boolean awaitSettled(Duration patience) {
        return progress.await(queue.lastLasting(), patience);
    }

    /** Entries in memory that are neither in the database nor on disk. */
    int queued() {
        return queue.size();
    }

    /** As the port says; while the database is away this gives what is in memory. */
    @Override
    public List<OutboxEntry> peek(int limit, Duration patience) throws InterruptedException {
        return outbox.peek(limit, patience);
    }

    /** As the port says; while the database is away this is remembered and caught up on. */
    @Override
    public void remove(Collection<OutboxEntry> entries) {
        outbox.remove(entries);
    }

    /** Events another daemon left became ours: the relay should see them at once rather than within 2 s. Any thread. */
    public void adopted() {
        outbox.adopted();
    }

    /**
     * Takes no more, writes what is left to the database within 5 s, otherwise to the spool for the next start. Again is a
     * no-op.
     */
    @Override
    public void close() {
        writer.closeBy(time.nanoTime() + CLOSE_PATIENCE.toNanos());
        queue.close();
        var running = thread;
        if (running == null) {
            writer.leave();
            return;
        }
        try {
            if (!running.join(CLOSE_PATIENCE.plus(LAST_STEP))) {
                LOG.error("the journal's writer does not end; the database holds it up");
                return;
            }
            outbox.mark();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
