package org.pipecatmanager.domain.engine;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.RequestException;

/** Hands on, once, what is asked of a session that another daemon has. */
final class OtherHosts {
    private final String ownHost;
    private final PipecatcallStore store;
    private final @Nullable PeerHosts peers;

    OtherHosts(String ownHost, PipecatcallStore store, @Nullable PeerHosts peers) {
        this.ownHost = ownHost;
        this.store = store;
        this.peers = peers;
    }

    /** The record as the owner answered it; where it did not, or refused, as the store has it. */
    Pipecatcall stop(Pipecatcall call) {
        if (peers == null || !isElsewhere(call)) {
            return call;
        }
        try {
            return peers.stop(call.hostId(), call.id());
        } catch (RequestException | ManagerException e) {
            return call;
        }
    }

    /**
     * The owner's answer.
     *
     * @throws RequestException what the owner answered; 404 when there is none, or it did not answer
     */
    Message sendMessage(MessageCommand command) {
        Optional<Pipecatcall> call = store.find(command.pipecatcallId());
        if (peers == null || call.isEmpty() || !isElsewhere(call.get())) {
            throw RequestException.notFound();
        }
        try {
            return peers.sendMessage(call.get().hostId(), command);
        } catch (ManagerException e) {
            throw RequestException.notFound();
        }
    }

    private boolean isElsewhere(Pipecatcall call) {
        return call.status() != PipecatcallStatus.ENDED
                && !call.hostId().isEmpty()
                && !call.hostId().equals(ownHost);
    }
}
