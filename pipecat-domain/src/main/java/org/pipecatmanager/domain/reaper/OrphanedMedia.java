package org.pipecatmanager.domain.reaper;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** Takes the connections of closed calls down, so that nobody is billed for them. Safe for all threads. */
final class OrphanedMedia {
    private static final Logger LOG = System.getLogger(OrphanedMedia.class.getPackageName());

    /**
     * Before each further attempt. The last is longer than call-manager's breaker stays open; after it Asterisk has seen
     * for itself that nobody listens.
     */
    private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(5), Duration.ofSeconds(40));

    private final CallManager callManager;
    private final Alarms alarms;
    private final Threads threads;

    OrphanedMedia(CallManager callManager, Alarms alarms, Threads threads) {
        this.callManager = callManager;
        this.alarms = alarms;
        this.threads = threads;
    }

    /** Begins; returns without waiting. */
    void stop(List<PipecatcallId> ids) {
        threads.start("orphaned-media", () -> attempt(ids, 0));
    }

    private void attempt(List<PipecatcallId> ids, int failures) {
        List<PipecatcallId> left = new ArrayList<>();
        String problem = "";
        for (PipecatcallId id : ids) {
            try {
                callManager.stopExternalMedia(id);
            } catch (ManagerException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    left.add(id);
                    problem = String.valueOf(e.getMessage());
                }
            }
        }
        if (left.isEmpty()) {
            return;
        }
        if (failures < PAUSES.size()) {
            alarms.after(
                    PAUSES.get(failures), () -> threads.start("orphaned-media", () -> attempt(left, failures + 1)));
        } else {
            LOG.log(
                    Level.WARNING,
                    "external media of " + left.size() + " calls could not be stopped, the first is " + left.get(0)
                            + ": " + problem);
        }
    }
}
