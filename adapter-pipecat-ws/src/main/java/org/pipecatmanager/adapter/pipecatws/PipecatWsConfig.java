package org.pipecatmanager.adapter.pipecatws;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Limits and deadlines of {@link PipecatWsServer}. {@link #on(InetSocketAddress)} has the defaults.
 *
 * @param address        where to listen ({@code HTTP_LISTEN_ADDRESS}); port 0 takes a free one
 * @param maxConnections links and HTTP requests together; one more is answered 503
 * @param loops          threads that carry the links, each for its share of them
 * @param headTimeout    from accept to the end of the request head
 * @param bodyTimeout    from there to the end of an HTTP request's body
 * @param pingInterval   silence after which a runner is pinged; two pings without a sign of life end the link
 * @param closeTimeout   how long a closing connection may take to finish
 * @param audioQueue     caller audio messages kept for a runner that is slow to take them, then the oldest is dropped
 * @param controlQueue   commands and reports kept likewise, then the link is closed as stalled
 */
public record PipecatWsConfig(
        InetSocketAddress address,
        int maxConnections,
        int loops,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration pingInterval,
        Duration closeTimeout,
        int audioQueue,
        int controlQueue) {
    /** Largest request head, bytes. */
    public static final int MAX_HEAD_BYTES = 16 * 1024;
    /**
     * Largest HTTP body and largest WebSocket message, bytes. A frame of audio has 700; a team's prompts stay below.
     */
    public static final int MAX_MESSAGE_BYTES = 1024 * 1024;
    /**
     * Connections the kernel may hold for us to accept; a storm of tool calls resets connections with the default of
     * 50.
     */
    static final int BACKLOG = 4096;

    /** A loop only reads, and writes what a full socket left; one carried the 400 links of docs/performance.md on two cores. */
    private static final int CORES_PER_LOOP = 4;

    private static final int MOST_LOOPS = 16;

    /** Refuses what cannot work. */
    public PipecatWsConfig {
        positive("maxConnections", maxConnections, "2000");
        positive("loops", loops, "1");
        positive("audioQueue", audioQueue, "50, a second of 20 ms frames");
        positive("controlQueue", controlQueue, "512");
        positive("headTimeout", headTimeout, "PT5S");
        positive("bodyTimeout", bodyTimeout, "PT10S");
        positive("pingInterval", pingInterval, "PT10S");
        positive("closeTimeout", closeTimeout, "PT2S");
    }

    /**
     * The defaults: 2000 connections, a loop for every four cores, 5 s head, 10 s body, ping every 10 s, 2 s to close, 1 s of audio, 512
     * commands.
     */
    public static PipecatWsConfig on(InetSocketAddress address) {
        return new PipecatWsConfig(
                address,
                2_000,
                Math.clamp(Runtime.getRuntime().availableProcessors() / CORES_PER_LOOP, 1, MOST_LOOPS),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                50,
                512);
    }

    /** The same with another connection limit. */
    public PipecatWsConfig withMaxConnections(int value) {
        return new PipecatWsConfig(
                address, value, loops, headTimeout, bodyTimeout, pingInterval, closeTimeout, audioQueue, controlQueue);
    }

    /** The same with other deadlines for head and body of a request. */
    public PipecatWsConfig withRequestTimeouts(Duration head, Duration body) {
        return new PipecatWsConfig(
                address, maxConnections, loops, head, body, pingInterval, closeTimeout, audioQueue, controlQueue);
    }

    /** The same with another ping interval and time to close. */
    public PipecatWsConfig withLinkTimeouts(Duration ping, Duration close) {
        return new PipecatWsConfig(
                address, maxConnections, loops, headTimeout, bodyTimeout, ping, close, audioQueue, controlQueue);
    }

    /** The same with other queue bounds. */
    public PipecatWsConfig withQueues(int audio, int control) {
        return new PipecatWsConfig(
                address, maxConnections, loops, headTimeout, bodyTimeout, pingInterval, closeTimeout, audio, control);
    }

    private static void positive(String name, int value, String example) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; set it to a positive number such as " + example);
        }
    }

    private static void positive(String name, Duration value, String example) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; set it to a positive duration such as " + example);
        }
    }
}
