package org.pipecatmanager.domain.reaper;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.pipecatmanager.domain.rounds.Rounds;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.StoreException;

/**
 * Keeps our lease and looks for daemons that died with calls.
 *
 * <p>An instance's calls are claimed only if the leases have been within reach for longer than one lease lasts, it holds
 * none, and its host's queue is silent or answers as another instance. While the store cannot be reached nobody claims.
 *
 * <p><b>Threads.</b> {@link #start()} and {@link #close()} by whoever owns it; the work on threads of its own.
 */
public final class Reaper implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Reaper.class.getPackageName());
    /** With the lease's ten seconds, the pings and the claim it leaves a dead daemon's calls open for about 20 s. */
    static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final Claims claims;
    private final OrphanedCalls calls;
    private final HostInstance self;
    private final LeaseKeeper leases;
    private final DeathCheck check;
    private final Rounds renewing;
    private final Rounds looking;

    /** Whether the last look failed for the store; touched by the looking thread only. */
    private boolean blind;

    public Reaper(Claims claims, HostLeases hostLeases, PeerHosts peers) {
        this.claims = claims;
        ClaimPorts ports = claims.ports();
        calls = ports.calls();
        self = claims.self();
        leases = new LeaseKeeper(self, hostLeases, ports.time(), ports.meter());
        check = new DeathCheck(self, leases, peers);
        renewing = new Rounds("lease-renewal", ports.alarms(), ports.threads(), () -> {
            leases.renew();
            return LeaseKeeper.RENEW_EVERY;
        });
        looking = new Rounds("reaper", ports.alarms(), ports.threads(), () -> {
            look();
            return LOOK_EVERY;
        });
    }

    /** Takes the lease and begins to look. */
    public void start() {
        renewing.start();
        looking.start();
    }

    /** Stops looking, then gives the lease back. Bounded by ten seconds; idempotent. */
    @Override
    public void close() {
        looking.close();
        renewing.close();
        leases.release();
    }

    private void look() {
        if (!leases.isSteady()) {
            return;
        }
        try {
            for (HostInstance owner : calls.owners()) {
                if (!owner.equals(self) && mayGoOn() && check.isGone(owner)) {
                    claims.claim(owner, this::mayGoOn);
                }
            }
            if (blind) {
                blind = false;
                LOG.log(Level.INFO, "the store can be reached again");
            }
        } catch (StoreException e) {
            if (!blind) {
                blind = true;
                LOG.log(Level.WARNING, "no call is claimed until the store can be reached: " + e.getMessage());
            }
        }
    }

    /** Asked around every piece of evidence and ahead of every page: a process that stood still has to look again. */
    private boolean mayGoOn() {
        return !looking.isClosed() && leases.isSteady();
    }
}
