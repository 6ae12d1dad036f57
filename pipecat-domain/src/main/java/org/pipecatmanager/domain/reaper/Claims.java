package org.pipecatmanager.domain.reaper;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.StoreException;

/**
 * Closes the calls of an instance that is gone, takes over its unsent events and stops what still runs for its calls.
 *
 * <p><b>Threads.</b> Safe for all; methods block on the store. Media are stopped on a thread of their own.
 */
public final class Claims {
    private static final Logger LOG = System.getLogger(Claims.class.getPackageName());
    /** Calls closed at a time: a second or two of transactions, after which the evidence is looked at again. */
    static final int PAGE = 100;

    private final HostInstance self;
    private final ClaimPorts ports;
    private final Runnable onClaimed;
    private final @Nullable OrphanedMedia media;

    /**
     * Prepares claims.
     *
     * @param self      this run of this daemon
     * @param onClaimed runs after every page, on the claiming thread: events of others may now be ours to send. Must be
     *     short and must not throw
     */
    public Claims(HostInstance self, ClaimPorts ports, Runnable onClaimed) {
        this.self = self;
        this.ports = ports;
        this.onClaimed = onClaimed;
        CallManager callManager = ports.callManager();
        media = callManager == null ? null : new OrphanedMedia(callManager, ports.alarms(), ports.threads());
    }

    /**
     * Closes what earlier runs of this daemon left. For the start, before calls are taken, and where something else makes
     * sure that there is one run of a daemon at a time, as a locked file does; otherwise {@link OwnLeftovers} has to.
     *
     * @return how many calls were closed
     * @throws StoreException the store cannot be reached; some may have been closed
     */
    public int claimOwnLeftovers() {
        return claimAll(earlierRuns());
    }

    /** The other instances of our host id that have left something. */
    List<HostInstance> earlierRuns() {
        return ports.calls().owners().stream()
                .filter(owner -> owner.hostId().equals(self.hostId()) && !owner.equals(self))
                .toList();
    }

    int claimAll(List<HostInstance> gone) {
        int closed = 0;
        for (HostInstance owner : gone) {
            closed += claim(owner, () -> true);
        }
        return closed;
    }

    /**
     * Closes page after page until nothing is left.
     *
     * @param goOn asked before every page
     * @return how many calls were closed
     * @throws StoreException the store cannot be reached; some may have been closed
     */
    int claim(HostInstance gone, BooleanSupplier goOn) {
        int closed = 0;
        boolean more = true;
        while (more && goOn.getAsBoolean()) {
            List<Pipecatcall> page = ports.calls().claim(gone, ports.time().now(), PAGE);
            closed += page.size();
            more = page.size() >= PAGE;
            settle(page);
        }
        if (closed > 0) {
            LOG.log(
                    Level.WARNING,
                    "host " + gone.hostId() + ", instance " + gone.instanceId() + ", is gone; calls of it closed: "
                            + closed);
        }
        return closed;
    }

    HostInstance self() {
        return self;
    }

    ClaimPorts ports() {
        return ports;
    }

    private void settle(List<Pipecatcall> page) {
        if (ports.cache() != null) {
            page.forEach(ports.cache()::put);
        }
        List<Pipecatcall> voiced = page.stream().filter(Claims::mayHaveMedia).toList();
        if (media != null && !voiced.isEmpty()) {
            media.stop(voiced.stream().map(Pipecatcall::id).toList());
        }
        if (!page.isEmpty()) {
            ports.meter().claimed(page.size());
        }
        onClaimed.run();
    }

    /** A conversation that neither hears nor speaks is in writing; a telephone call has media even then. */
    private static boolean mayHaveMedia(Pipecatcall call) {
        return switch (call.referenceType()) {
            case CALL -> true;
            case AI_CALL -> !call.sttType().isEmpty() || !call.ttsType().isEmpty();
            case NONE -> false;
        };
    }
}
