package org.pipecatmanager.ports.out;

import java.time.Duration;

/**
 * Counts what goes over the broker. Every method does nothing by default. Safe for all threads, never blocks.
 *
 * <p>Targets are service names or {@code pipecat-manager.host} for any daemon's own queue: never a queue name with an address.
 */
public interface RpcMeter {
    /** Counts nothing. */
    RpcMeter NONE = new RpcMeter() {};

    /** A request was dealt with; {@code route} is its pattern, {@code notfound} for none. */
    default void received(String route, String method, int status, Duration took) {}

    /** We asked another service; {@code resource} is the pattern of the path. */
    default void requested(String target, String resource, String method, Duration took) {}

    /** A breaker went from one state to another: {@code closed}, {@code open} or {@code half-open}. */
    default void breakerMoved(String target, String from, String to) {}

    /** A breaker kept a request from being sent. */
    default void breakerRejected(String target) {}

    /** An event left and was confirmed, {@code took} after it was handed to the broker. */
    default void eventPublished(String type, Duration took) {}

    /** An event has to be sent again. */
    default void eventRetried(String type) {}

    /** A delta of a generation was dropped because the broker or the store was away. */
    default void eventDropped(String type) {}

    /** The connection to the broker came up ({@code true}) or broke. */
    default void connected(boolean up) {}
}
