package org.pipecatmanager.adapter.audiosocket;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.out.ConfigurationException;

/**
 * What an {@link AudioSocketServer} needs to know. There is no authentication in the protocol: addresses and the random,
 * one-time id are all that keeps strangers out.
 *
 * @param listeners        where to listen, one or more; port 0 takes a free one
 * @param allow            who may connect; everybody else is turned away
 * @param maxConnections   connections open at a time, 1 to 65536; the next is turned away
 * @param handshakeTimeout how long a connection may take to present its id, above 0, at most 60 s
 * @param requestedFormat  what the telephone system was asked for, where that is known: it then decides the rate of audio
 *                         labelled 0x10. Empty: what arrives decides
 * @param loops            threads that carry the audio, 1 to 64
 * @param stallTimeout     how long the far end may leave our audio untaken before the leg is given up, above 0
 * @param closeGrace       how long an ended connection may take to close its side, above 0, at most 60 s
 */
public record AudioSocketConfig(
        List<Listener> listeners,
        List<AddressRange> allow,
        int maxConnections,
        Duration handshakeTimeout,
        Optional<AudioFormat> requestedFormat,
        int loops,
        Duration stallTimeout,
        Duration closeGrace) {

    private static final int MOST_CONNECTIONS = 65_536;
    private static final int MOST_LOOPS = 64;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final List<AddressRange> LOOPBACK =
            List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));

    /**
     * One address to listen on.
     *
     * @param address resolved; port 0 takes a free one
     * @param agent   agent every caller on this address gets, or empty for the common one
     */
    public record Listener(InetSocketAddress address, String agent) {
        /** The configuration key it comes from. */
        String key() {
            return agent.isEmpty() ? "AUDIOSOCKET_LISTEN_ADDRESS" : "agents." + agent + ".listen";
        }
    }

    /**
     * Checks every value.
     *
     * @throws ConfigurationException with all problems, named by their configuration keys
     */
    public AudioSocketConfig {
        listeners = List.copyOf(listeners);
        allow = List.copyOf(allow);
        List<String> problems = new ArrayList<>();
        if (listeners.isEmpty()) {
            problems.add("AUDIOSOCKET_LISTEN_ADDRESS is empty; set it to an address such as 127.0.0.1:9092");
        }
        for (Listener listener : listeners) {
            if (listener.address().isUnresolved()) {
                problems.add(listener.key() + " is " + listener.address().getHostString() + ":"
                        + listener.address().getPort() + ", which has no address; use one of this machine's addresses");
            }
        }
        if (allow.isEmpty()) {
            problems.add(
                    "AUDIOSOCKET_ALLOW is empty, so nobody could connect; name the telephone system's address range"
                            + " such as 10.0.0.0/8, or 127.0.0.0/8");
        }
        if (maxConnections < 1 || maxConnections > MOST_CONNECTIONS) {
            problems.add(
                    "AUDIOSOCKET_MAX_CONNECTIONS is " + maxConnections + "; set it between 1 and " + MOST_CONNECTIONS);
        }
        checkWait("AUDIOSOCKET_HANDSHAKE_TIMEOUT", handshakeTimeout, "5s", problems);
        requestedFormat.ifPresent(format -> {
            if (AudioKind.ALL.stream().noneMatch(kind -> kind.format().equals(format))) {
                problems.add("AUDIOSOCKET_FORMAT is " + format.sampleRateHz()
                        + " Hz, which AudioSocket does not carry; set it to slin (8000 Hz) or slin16 (16000 Hz)");
            }
        });
        if (loops < 1 || loops > MOST_LOOPS) {
            problems.add("the number of audio loops is " + loops + "; set it between 1 and " + MOST_LOOPS
                    + ", best the number of cores");
        }
        checkWait("the stall timeout of audio connections", stallTimeout, "10s", problems);
        checkWait("the closing time of audio connections", closeGrace, "2s", problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private static void checkWait(String name, Duration value, String example, List<String> problems) {
        if (!value.isPositive() || value.compareTo(LONGEST_WAIT) > 0) {
            problems.add(name + " is " + value + "; set it above 0 and to at most 60s, for instance " + example);
        }
    }

    /** The defaults: callers from this machine only, 1000 connections, one loop per core. */
    public static AudioSocketConfig listeningOn(List<Listener> listeners) {
        return new AudioSocketConfig(
                listeners,
                LOOPBACK,
                1000,
                Duration.ofSeconds(5),
                Optional.empty(),
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_LOOPS),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2));
    }
}
