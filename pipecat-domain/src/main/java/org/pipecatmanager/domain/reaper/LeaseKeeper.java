package org.pipecatmanager.domain.reaper;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;

/** Keeps our lease, and knows how far the leases can be believed. Losing it harms no call here: the store judges. */
final class LeaseKeeper {
    private static final Logger LOG = System.getLogger(LeaseKeeper.class.getPackageName());

    /** How long a lease is held: what the platform agreed on as the time after which a daemon is suspected. */
    static final Duration TTL = Duration.ofSeconds(10);
    /** Three times within the time it lasts: two renewals may fail. */
    static final Duration RENEW_EVERY = Duration.ofSeconds(3);
    /** Two renewals in a row left out. A lease outlasts such a pause even when it was renewed just before it was due. */
    private static final Duration GAP = RENEW_EVERY.multipliedBy(2);

    private final HostInstance self;
    private final HostLeases leases;
    private final TimeSource time;
    private final LeaseMeter meter;
    private final Reachability reachability = new Reachability(TTL, GAP);

    /** What was told last; touched by the renewing thread only. */
    private @Nullable Boolean told;

    LeaseKeeper(HostInstance self, HostLeases leases, TimeSource time, LeaseMeter meter) {
        this.self = self;
        this.leases = leases;
        this.time = time;
        this.meter = meter;
    }

    /** One renewal. */
    void renew() {
        boolean renewed = true;
        String problem = "";
        try {
            leases.renew(self, TTL);
            reachability.succeeded(time.nanoTime());
        } catch (StoreException e) {
            reachability.failed();
            renewed = false;
            problem = String.valueOf(e.getMessage());
        }
        meter.renewed(renewed);
        tell(renewed, problem);
    }

    /** Whether a missing lease means anything now. */
    boolean isSteady() {
        return reachability.isSteady(time.nanoTime());
    }

    /** Whether an instance holds a lease; true as well when that cannot be known. */
    boolean mayHold(HostInstance owner) {
        try {
            boolean held = !leases.held(List.of(owner)).isEmpty();
            reachability.succeeded(time.nanoTime());
            return held;
        } catch (StoreException e) {
            reachability.failed();
            return true;
        }
    }

    /** Gives our lease back. */
    void release() {
        try {
            leases.release(self);
        } catch (StoreException e) {
            LOG.log(Level.INFO, "the lease could not be given back, it runs out in " + TTL + ": " + e.getMessage());
        }
    }

    private void tell(boolean reachable, String problem) {
        if (told != null && told == reachable) {
            return;
        }
        if (!reachable) {
            LOG.log(Level.WARNING, "leases cannot be reached, no call is claimed until they can: " + problem);
        } else if (told != null) {
            LOG.log(Level.INFO, "leases can be reached again");
        }
        told = reachable;
        meter.reachable(reachable);
    }
}
