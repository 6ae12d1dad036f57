package org.pipecatmanager.adapter.amqp;

import java.nio.charset.StandardCharsets;

/**
 * What {@link RpcServer} serves. {@link #of(String)} has the defaults.
 *
 * @param hostId    of this daemon ({@code POD_IP}); part of its own queue's name
 * @param maxInWork starts and messages in work at once, and as many other requests; one more is answered 503 {@code BUSY}.
 *                  Pings are not counted. At most 16000, because four times as many may be on their way from the broker
 */
public record RpcServerConfig(String hostId, int maxInWork) {
    /** The queue that every daemon serves. */
    public static final String SHARED_QUEUE = "bin-manager.pipecat-manager.request";

    private static final int MAX_IN_WORK = 16_000;
    /** AMQP's limit for the name of a queue. */
    private static final int MAX_NAME_BYTES = 255;

    /** Refuses what cannot work. */
    public RpcServerConfig {
        if (hostId.isBlank()) {
            throw new IllegalArgumentException("hostId is empty; use the address of this host (POD_IP)");
        }
        int nameBytes = queueOf(hostId).getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("hostId makes the name of a queue of " + nameBytes
                    + " bytes, and the broker takes " + MAX_NAME_BYTES + "; use a shorter one");
        }
        if (maxInWork < 1 || maxInWork > MAX_IN_WORK) {
            throw new IllegalArgumentException("maxInWork is " + maxInWork + "; use 1 to " + MAX_IN_WORK);
        }
    }

    /** The defaults: a thousand requests in work. */
    public static RpcServerConfig of(String hostId) {
        return new RpcServerConfig(hostId, 1_000);
    }

    /** The queue that only the daemon of this host serves. */
    public static String queueOf(String hostId) {
        return SHARED_QUEUE + "." + hostId;
    }

    String ownQueue() {
        return queueOf(hostId);
    }

    /**
     * Deliveries without an answer that the broker may leave with us, for each queue: what may be in work twice over, and
     * as many pings and refusals again. It is reached only when answers cannot leave.
     */
    int prefetch() {
        return 4 * maxInWork;
    }
}
