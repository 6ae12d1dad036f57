package org.pipecatmanager.daemon.wiring;

import com.google.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.pipecatmanager.adapter.mysql.Database;
import org.pipecatmanager.daemon.http.Readiness;
import org.pipecatmanager.daemon.recordings.WavRecordings;
import org.pipecatmanager.daemon.tools.WebhookToolExecutor;
import org.pipecatmanager.domain.reaper.Claims;

/** One file, which is this daemon's alone. */
final class EmbeddedBacking implements Backing {
    /** A file is there or is not; a daemon that is just stopping may hold it for a moment. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Records records;
    private final Claims claims;
    private final Database database;
    private final Readiness readiness;
    private final WebhookToolExecutor tools;
    private final AgentAdvice advice;
    private final WavRecordings recordings;

    @Inject
    EmbeddedBacking(
            Records records,
            Claims claims,
            Database database,
            Readiness readiness,
            WebhookToolExecutor tools,
            AgentAdvice advice,
            WavRecordings recordings) {
        this.records = records;
        this.claims = claims;
        this.database = database;
        this.readiness = readiness;
        this.tools = tools;
        this.advice = advice;
        this.recordings = recordings;
    }

    @Override
    public void open(Undo undo) throws IOException, InterruptedException {
        readiness.needs("store", database::problem);
        undo.push(tools::close);
        undo.push(database::close);
        Awaited file = new Awaited("DATA_DIR", patience -> database.awaitUp(patience, reason -> {}), database::problem);
        Awaited.all(List.of(file), PATIENCE);
        // The file is ours alone: whoever wrote it before is gone.
        records.open(undo, claims::claimOwnLeftovers);
        records.start(undo);
        recordings.repair();
    }

    @Override
    public void serve(Undo undo) {
        // The control API and the listener for callers are all there is; the runner can be asked now.
        advice.give();
    }
}
