package org.pipecatmanager.domain.reaper;

import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.RequestException;

/** Decides whether an instance is gone. What cannot be known speaks for its life. */
final class DeathCheck {
    private final HostInstance self;
    private final LeaseKeeper leases;
    private final PeerHosts peers;

    DeathCheck(HostInstance self, LeaseKeeper leases, PeerHosts peers) {
        this.self = self;
        this.leases = leases;
        this.peers = peers;
    }

    /**
     * Whether it holds no lease and does not answer. Means something only if the leases are steady before and after: this
     * process may have stood still in between. Blocks for two pings at most.
     */
    boolean isGone(HostInstance owner) {
        return !leases.mayHold(owner) && !mayAnswer(owner);
    }

    /**
     * Whether the instance, not only its host, answers a ping. An answer without an instance is another implementation's,
     * which took the host over.
     */
    private boolean mayAnswer(HostInstance owner) {
        try {
            return peers.ping(owner.hostId()).instanceId().equals(owner.instanceId());
        } catch (ManagerException e) {
            return e.kind() != Kind.UNREACHABLE || !isAnsweredAtAll();
        } catch (RequestException e) {
            return true;
        }
    }

    /** Whether our own queue answers. When it does not, silence tells of the broker, not of the other daemon. */
    private boolean isAnsweredAtAll() {
        try {
            peers.ping(self.hostId());
            return true;
        } catch (ManagerException | RequestException e) {
            return false;
        }
    }
}
