package org.pipecatmanager.ports.out;

/**
 * Counts what a {@link PipecatcallCache} does. Every method does nothing by default. Safe for all threads, never blocks.
 */
public interface CacheMeter {
    /** Counts nothing. */
    CacheMeter NONE = new CacheMeter() {};

    /** A record was read. */
    default void hit() {}

    /** There was no record. */
    default void miss() {}

    /** There was a value, but no record that we can read; the answer was none. */
    default void unreadable() {}

    /** A read or a write did not reach the cache, or was refused. */
    default void failed() {}

    /** The server of the cache went away ({@code true}) or came back; also told after the first attempt. */
    default void away(boolean away) {}
}
