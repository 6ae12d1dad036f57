package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.PeerHosts;

/** Daemons in the same process, each by its host id; what is asked of one that is not there is not answered. */
public final class FakePeers implements PeerHosts {
    private final Map<String, PipecatcallControl> hosts = new ConcurrentHashMap<>();
    private final Recorded<String> asked = new Recorded<>();

    @Override
    public Pipecatcall stop(String hostId, PipecatcallId id) {
        return host(hostId).stop(id, Reach.HERE);
    }

    @Override
    public Message sendMessage(String hostId, MessageCommand command) {
        return host(hostId).sendMessage(command, Reach.HERE);
    }

    @Override
    public Ping ping(String hostId) {
        return host(hostId).ping();
    }

    /** Answers for that host from now on. */
    public void add(String hostId, PipecatcallControl daemon) {
        hosts.put(hostId, daemon);
    }

    /** The host does not answer any more. */
    public void remove(String hostId) {
        hosts.remove(hostId);
    }

    /** The host of every question, also of those not answered. */
    public List<String> asked() {
        return asked.all();
    }

    private PipecatcallControl host(String hostId) {
        asked.add(hostId);
        PipecatcallControl daemon = hosts.get(hostId);
        if (daemon == null) {
            throw new ManagerException(
                    ManagerException.Kind.UNREACHABLE, "the fake host " + hostId + " does not answer", null);
        }
        return daemon;
    }
}
