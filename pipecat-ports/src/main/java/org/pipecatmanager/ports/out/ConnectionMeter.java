package org.pipecatmanager.ports.out;

/**
 * Counts connections of one kind (caller legs, runner links, HTTP). Every method does nothing by default. Safe for all
 * threads, never blocks.
 *
 * <p>Labels are short lower-case identifiers out of a fixed set.
 */
public interface ConnectionMeter {
    /** Counts nothing. */
    ConnectionMeter NONE = new ConnectionMeter() {};

    /** A connection was accepted. */
    default void opened() {}

    /** A connection is gone; {@code reason} for instance {@code hung_up}, {@code handshake_timeout}. */
    default void closed(String reason) {}

    /** Something was dropped for want of room; {@code what} for instance {@code audio}. */
    default void dropped(String what) {}

    /** A connection does what an operator should look at; {@code what} for instance {@code codec_audio}. */
    default void odd(String what) {}
}
