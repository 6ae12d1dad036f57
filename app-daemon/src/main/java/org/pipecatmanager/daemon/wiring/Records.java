package org.pipecatmanager.daemon.wiring;

import com.google.inject.Inject;
import java.time.Duration;
import org.pipecatmanager.adapter.mysql.Database;
import org.pipecatmanager.adapter.mysql.Journal;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.domain.rounds.Rounds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the records up in the one order that loses nothing: tables, what a crash left to write, what it left open. */
final class Records {
    private static final Logger LOG = LoggerFactory.getLogger(Records.class);
    /** What ended calls still have to write, before the relay takes its leave. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Database database;
    private final Journal journal;
    private final PipecatEngine engine;
    private final Rounds housekeeping;

    @Inject
    Records(Database database, Journal journal, PipecatEngine engine, Rounds housekeeping) {
        this.database = database;
        this.journal = journal;
        this.engine = engine;
        this.housekeeping = housekeeping;
    }

    /** Closes the calls that earlier runs left open, and says how many. */
    @FunctionalInterface
    interface Leftovers {
        int claim() throws InterruptedException;
    }

    /** Tables, and what an earlier process of this host left; the database is there. */
    void open(Undo undo, Leftovers leftovers) throws InterruptedException {
        database.migrate();
        undo.push(journal::close);
        journal.onLost(engine::lost);
        journal.replayLeftovers();
        int closed = leftovers.claim();
        LOG.debug("{} calls of earlier runs closed", closed);
    }

    /** From here on calls can be kept. */
    void start(Undo undo) {
        journal.start();
        undo.push(() -> {
            if (!journal.awaitSettled(LAST_WORDS)) {
                LOG.warn("not everything is written yet; the rest is tried once more, then kept in DATA_DIR");
            }
        });
        housekeeping.start();
        undo.push(housekeeping::close);
    }
}
