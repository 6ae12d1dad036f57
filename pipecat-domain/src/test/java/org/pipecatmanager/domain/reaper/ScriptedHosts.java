package org.pipecatmanager.domain.reaper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Daemons that answer pings as told; the others are silent. One thread only. */
final class ScriptedHosts implements PeerHosts {
    private final Map<String, Supplier<Ping>> answers = new ConcurrentHashMap<>();
    private final List<String> pinged = new ArrayList<>();
    private boolean brokerAway;

    /** That instance answers on its host's queue from now on. */
    void answer(HostInstance instance) {
        answer(instance.hostId(), () -> new Ping(instance.hostId(), VirtualClock.START, instance.instanceId()));
    }

    void answer(String hostId, Supplier<Ping> answer) {
        answers.put(hostId, answer);
    }

    void silence(String hostId) {
        answers.remove(hostId);
    }

    void brokerAway(boolean now) {
        brokerAway = now;
    }

    List<String> pinged() {
        return pinged;
    }

    @Override
    public Ping ping(String hostId) {
        pinged.add(hostId);
        Supplier<Ping> answer = answers.get(hostId);
        if (brokerAway || answer == null) {
            throw new ManagerException(Kind.UNREACHABLE, "the test's host " + hostId + " does not answer", null);
        }
        return answer.get();
    }

    @Override
    public Pipecatcall stop(String hostId, PipecatcallId id) {
        throw new AssertionError("nobody forwards a stop here");
    }

    @Override
    public Message sendMessage(String hostId, MessageCommand command) {
        throw new AssertionError("nobody forwards a message here");
    }
}
