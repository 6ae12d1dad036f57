package org.pipecatmanager.daemon.doctor;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.adapter.amqp.BrokerInspection;
import org.pipecatmanager.adapter.mysql.DatabaseInspection;
import org.pipecatmanager.adapter.redis.RedisInspection;

/** Whether {@code POD_IP} is this machine's own, and this daemon's alone. */
final class HostIdCheck {
    private static final String AREA = "host id";
    private static final String REMEDY =
            "give every daemon the address of its own host or pod as POD_IP (Kubernetes: fieldRef"
                    + " status.podIP); two on one machine need two addresses";

    private HostIdCheck() {}

    /** The address itself. */
    static List<Finding> address(String hostId) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(hostId);
        } catch (IllegalArgumentException e) {
            // A name: the settings warn of it.
            return List.of();
        }
        if (address.isLoopbackAddress()) {
            return List.of(Finding.warning(
                    AREA,
                    "POD_IP is a loopback address: every machine has it, and daemons that share it take each other's calls",
                    hostId,
                    REMEDY));
        }
        try {
            if (NetworkInterface.getByInetAddress(address) == null) {
                return List.of(
                        Finding.warning(
                                AREA,
                                "POD_IP is no address of this machine, and listeners default to it",
                                hostId,
                                "run the doctor where the daemon runs, or set POD_IP to an address of this machine (ip address)"));
            }
        } catch (SocketException e) {
            return List.of();
        }
        return List.of(Finding.ok(AREA, "POD_IP is an address of this machine", hostId));
    }

    /**
     * Whether somebody else runs under the same name.
     *
     * @param running whether a daemon with these settings runs on this machine
     */
    static List<Finding> sharing(
            String hostId,
            boolean running,
            BrokerInspection broker,
            DatabaseInspection database,
            RedisInspection redis) {
        if (broker.access() != BrokerInspection.Access.OPEN && redis.access() != RedisInspection.Access.OPEN) {
            // Who could tell cannot be asked.
            return List.of();
        }
        String queue = "." + hostId;
        long consumers = broker.parts().stream()
                .filter(part -> part.what().equals("queue") && part.name().endsWith(queue))
                .mapToLong(BrokerInspection.Part::consumers)
                .sum();
        int leases = redis.leases().size();
        long owners = database.tables().stream()
                .flatMap(schema -> schema.open().stream())
                .filter(owner -> owner.hostId().equals(hostId))
                .count();
        List<String> seen = new ArrayList<>();
        seen.add(consumers + " consumers of its queue");
        seen.add(leases + " leases");
        seen.add("calls of " + owners + " instances open");
        String value = String.join(", ", seen);
        long others = Math.max(consumers, leases) - (running ? 1 : 0);
        if (others > 0) {
            return List.of(Finding.problem(
                    AREA,
                    (running ? "more daemons than the one here run" : "a daemon runs elsewhere") + " as POD_IP="
                            + hostId + ", and each takes requests that are for the other",
                    value,
                    REMEDY + "; one that was killed is gone after 10 s"));
        }
        return List.of(Finding.ok(AREA, "nobody " + (running ? "else " : "") + "runs as POD_IP=" + hostId, value));
    }
}
