package org.pipecatmanager.ports.out;

import java.time.Duration;

/**
 * Counts what is written behind the calls' backs. Every method does nothing by default.
 *
 * <p><b>Threads.</b> Safe for all, never blocks. Gauges are told when they change.
 */
public interface StoreMeter {
    /** Counts nothing. */
    StoreMeter NONE = new StoreMeter() {};

    /** Gauge: what waits in memory to be written; {@code bytes} are estimated. */
    default void queued(int entries, long bytes) {}

    /** Gauge: what waits on disk to be written. */
    default void spooled(long bytes) {}

    /** A transaction was committed; {@code took} with everything that belongs to it. */
    default void batchWritten(int entries, Duration took) {}

    /** Gauge: events that wait in memory to leave; {@code behind}: more of them wait in the database only. */
    default void outbox(int entries, boolean behind) {}

    /** Deltas of a generation were dropped: store or broker is away, or there is no room. */
    default void intermediatesDropped(int count) {}

    /** Entries of a call were dropped because another daemon has closed it. */
    default void fenced(int entries) {}

    /** An entry was dropped that the database will never take, or that belongs to no record; {@code kind} is a fixed word. */
    default void refused(String kind) {}

    /** Something had to be turned away: queue and spool are full. */
    default void overloaded() {}

    /** Bytes of the spool could not be read and were cut off. */
    default void spoolCut(long bytes) {}

    /** Gauge: whether the database can be used. */
    default void reachable(boolean up) {}
}
