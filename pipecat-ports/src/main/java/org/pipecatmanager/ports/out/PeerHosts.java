package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * The other daemons, each by its host id. What they are asked is not handed on again.
 *
 * <p><b>Threads.</b> Any that may block; one second at most.
 *
 * <p><b>Failures.</b> {@link RequestException} with what the other daemon answered; {@link ManagerException} of kind
 * {@code UNREACHABLE} when it did not.
 */
public interface PeerHosts {
    Pipecatcall stop(String hostId, PipecatcallId id);

    Message sendMessage(String hostId, MessageCommand command);

    Ping ping(String hostId);
}
