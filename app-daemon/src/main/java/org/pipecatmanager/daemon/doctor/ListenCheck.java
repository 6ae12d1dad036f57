package org.pipecatmanager.daemon.doctor;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.doctor.Processes.Holder;

/** Whether the daemon can listen where it is told to, and who may come there. */
final class ListenCheck {
    private static final String AREA = "listeners";

    private ListenCheck() {}

    /**
     * Each port is taken and given back at once, which nobody notices.
     *
     * @param running whether a daemon with these settings runs on this machine
     */
    static List<Finding> of(DaemonConfig config, boolean running) {
        List<Finding> findings = new ArrayList<>();
        findings.add(port("HTTP_LISTEN_ADDRESS", config.http(), running));
        findings.add(port("AUDIOSOCKET_LISTEN_ADDRESS", config.audioSocket(), running));
        findings.add(port("PROMETHEUS_LISTEN_ADDRESS", config.prometheus(), running));
        if (!config.audioSocket().isLoopback() && config.audioSocketAllow().isEmpty()) {
            findings.add(Finding.warning(
                    AREA,
                    "everybody who reaches " + config.audioSocket()
                            + " may connect as Asterisk: AudioSocket knows no password, and a call's id is all that keeps it",
                    "",
                    "set AUDIOSOCKET_ALLOW to the addresses of your Asterisks, such as 10.0.0.0/24, and close the port to all"
                            + " others"));
        }
        return findings;
    }

    private static Finding port(String key, HostPort address, boolean running) {
        String value = key + "=" + address;
        if (address.port() == 0) {
            return Finding.ok(AREA, "any free port will do", value);
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address.toSocketAddress());
            return Finding.ok(AREA, "is free", value);
        } catch (BindException e) {
            Optional<Holder> holder = Processes.ofPort(address.port());
            boolean ours = holder.map(Holder::ours).orElse(running);
            if (holder.isEmpty() && String.valueOf(e.getMessage()).contains("assign")) {
                return Finding.problem(
                        AREA,
                        key + " is no address of this machine",
                        address.toString(),
                        "set it to an address of this machine (ip address), or to 0.0.0.0 for all of them");
            }
            if (ours && running) {
                return Finding.ok(
                        AREA,
                        "is held by the daemon that runs",
                        value + holder.map(by -> ", " + by).orElse(""));
            }
            return Finding.problem(
                    AREA,
                    "the port is taken by another program, and the daemon will not start",
                    value + ", " + holder.map(Holder::toString).orElse("a process that cannot be seen from here"),
                    "end that program, or set " + key + " to another port");
        } catch (IOException | RuntimeException e) {
            return Finding.problem(
                    AREA,
                    "nothing can listen there: " + e.getMessage(),
                    value,
                    "set " + key + " to an address of this machine");
        }
    }
}
