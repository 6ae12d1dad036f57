package org.pipecatmanager.daemon.doctor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pipecatmanager.daemon.doctor.Finding.Level;

/**
 * What a running daemon has seen of Asterisk, from its metrics. The traps are those of Asterisk's own code: see
 * docs/troubleshooting.md.
 */
final class LegsCheck {
    private static final String AREA = "asterisk";

    /**
     * A trap.
     *
     * @param series name and labels of the counter that tells of it
     */
    private record Trap(String series, Level level, String what, String remedy) {
        static Trap closed(String reason, Level level, String what, String remedy) {
            return new Trap(
                    "pipecat_manager_connections_closed_total{kind=\"leg\",reason=\"" + reason + "\"}",
                    level,
                    what,
                    remedy);
        }
    }

    private static final List<Trap> TRAPS = List.of(
            new Trap(
                    "pipecat_manager_connection_oddities_total{kind=\"leg\",what=\"codec_audio\"}",
                    Level.PROBLEM,
                    "callers' mu-law or A-law came under the name of 16-bit audio: both sides hear noise",
                    "write /c(slin) at the end of the Dial: Dial(AudioSocket/host:port/${UUID}/c(slin)); with ARI externalMedia"
                            + " ask for format=slin"),
            Trap.closed(
                    "no_id",
                    Level.WARNING,
                    "connections went away without an id, as Asterisk's do for a channel that is not answered",
                    "write Answer() before AudioSocket(); port scans and TCP health checks look the same: let those ask /healthz"),
            Trap.closed(
                    "unknown_id",
                    Level.WARNING,
                    "callers came with an id that nobody had registered, and were turned away",
                    "hand the id of POST /v1/pipecatcalls to AudioSocket() within REGISTRATION_TTL, or set default_agent"),
            Trap.closed(
                    "already_used",
                    Level.WARNING,
                    "callers came with an id that had its call already, and were turned away",
                    "make a new id for each call: ${UUID()} of res_uuid is one, a constant in the dialplan is none"),
            Trap.closed(
                    "not_ready",
                    Level.WARNING,
                    "callers came before their call was prepared",
                    "connect the media when the start was answered, or let call-manager do it"),
            Trap.closed(
                    "handshake_timeout",
                    Level.WARNING,
                    "connections said nothing within AUDIOSOCKET_HANDSHAKE_TIMEOUT",
                    "see what else connects there (a load balancer's check?); an Asterisk says its id at once"),
            Trap.closed(
                    "not_audiosocket",
                    Level.WARNING,
                    "connections spoke something else than AudioSocket",
                    "let HTTP checks and browsers go to HTTP_LISTEN_ADDRESS; chan_websocket is another protocol than AudioSocket"),
            Trap.closed(
                    "address_not_allowed",
                    Level.WARNING,
                    "connections came from addresses that AUDIOSOCKET_ALLOW does not name",
                    "add the address Asterisk comes from (behind NAT it is the gateway's), or find out who it was: the log has it"),
            Trap.closed(
                    "too_many_connections",
                    Level.PROBLEM,
                    "callers were turned away because AUDIOSOCKET_MAX_CONNECTIONS were open",
                    "raise it, or look for connections that do nothing"),
            Trap.closed(
                    "full",
                    Level.PROBLEM,
                    "callers were turned away because MAX_SESSIONS calls were running",
                    "add a daemon, or raise MAX_SESSIONS by what docs/sizing.md says of this machine"),
            Trap.closed(
                    "stalled",
                    Level.PROBLEM,
                    "Asterisk stopped reading, and calls ended for it",
                    "see Asterisk's processor and its log; an old chan_audiosocket freezes so: use 20.19, 22.9, 23.3 or later"),
            Trap.closed(
                    "protocol_error",
                    Level.PROBLEM,
                    "legs broke the protocol and ended",
                    "see the log for the bytes; a proxy between, or an Asterisk before 20.19, 22.9, 23.3, splits messages"),
            Trap.closed(
                    "error_from_peer",
                    Level.WARNING,
                    "legs sent an error message, which no Asterisk does",
                    "see what is between Asterisk and the daemon"));

    private LegsCheck() {}

    /** Without a daemon there is nothing to be seen. */
    static List<Finding> unseen() {
        return List.of(Finding.ok(
                AREA,
                "no daemon runs here, so what Asterisk does to it could not be seen; ask again after some calls",
                ""));
    }

    /** By the text of the metrics. */
    static List<Finding> of(String exposition) {
        Map<String, Double> samples = new HashMap<>();
        exposition.lines().filter(line -> line.startsWith("pipecat_manager_")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            try {
                samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            } catch (NumberFormatException e) {
                // Not a line we know how to read.
            }
        });
        List<Finding> findings = new ArrayList<>();
        for (Trap trap : TRAPS) {
            long count = samples.getOrDefault(trap.series(), 0.0).longValue();
            if (count > 0) {
                findings.add(new Finding(
                        trap.level(), AREA, trap.what(), count + " since the daemon started", trap.remedy()));
            }
        }
        if (findings.isEmpty()) {
            long legs = samples.getOrDefault("pipecat_manager_connections_opened_total{kind=\"leg\"}", 0.0)
                    .longValue();
            findings.add(Finding.ok(
                    AREA,
                    legs == 0 ? "has not connected since the daemon started" : "nothing odd was seen of it",
                    legs + " connections"));
        }
        return findings;
    }
}
