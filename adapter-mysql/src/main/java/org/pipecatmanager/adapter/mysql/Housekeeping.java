package org.pipecatmanager.adapter.mysql;

import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.JdbiException;

/**
 * Deletes what has been kept long enough: what was said, the turns, what calls were like, and events that have left. Records of calls stay; those
 * of starts that failed without an answer of the database are closed.
 *
 * <p><b>Threads.</b> One run at a time, on a thread that may wait.
 */
public final class Housekeeping {
    /** A published event stands that long, so that what became of it can be looked up. */
    static final Duration PUBLISHED_RETENTION = Duration.ofHours(1);
    /** Rows of one statement: few, so that nobody waits for their locks. */
    private static final int BATCH = 500;
    /** Statements of one run and table; what is more waits for the next run. */
    private static final int BATCHES = 200;

    private final Database database;
    private final JdbiPipecatcallStore store;
    private final Duration transcriptRetention;

    /**
     * Rows that one run dealt with.
     *
     * @param messages of what was said
     * @param turns    of the latency ledger
     * @param reports  of what calls were like
     * @param events   that had left
     * @param closed   records of starts that failed without an answer; these are not deleted
     */
    public record Done(int messages, int turns, int reports, int events, int closed) {}

    /**
     * Makes one.
     *
     * @param transcriptRetention how long what was said and the turns are kept; zero: not at all
     */
    public Housekeeping(Database database, JdbiPipecatcallStore store, Duration transcriptRetention) {
        this.database = database;
        this.store = store;
        this.transcriptRetention = transcriptRetention;
    }

    /**
     * Deletes, and closes, what is due.
     *
     * @throws org.pipecatmanager.ports.out.StoreException the database cannot be reached; the next run goes on
     */
    public Done run(Instant now) {
        var transcriptEnd = now.minus(transcriptRetention);
        try {
            return new Done(
                    delete("pipecat_messages", "tm_said", transcriptEnd),
                    delete("pipecat_turns", "tm_caller_stopped", transcriptEnd),
                    delete("pipecat_call_reports", "tm_create", transcriptEnd),
                    delete("pipecat_outbox", "tm_publish", now.minus(PUBLISHED_RETENTION)),
                    store.settle(now));
        } catch (JdbiException e) {
            throw SqlFailure.of("old rows cannot be deleted", e);
        }
    }

    private int delete(String table, String column, Instant until) {
        var sql = "DELETE FROM " + table + " WHERE " + column + " <= :until LIMIT " + BATCH;
        int deleted = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            int rows = database.jdbi()
                    .withHandle(handle -> handle.createUpdate(sql)
                            .bind("until", Columns.time(until))
                            .execute());
            deleted += rows;
            if (rows < BATCH) {
                break;
            }
        }
        return deleted;
    }
}
