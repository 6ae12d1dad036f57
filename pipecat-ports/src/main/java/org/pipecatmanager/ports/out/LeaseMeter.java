package org.pipecatmanager.ports.out;

/** Counts how daemons watch each other. Every method does nothing by default. Safe for all threads, never blocks. */
public interface LeaseMeter {
    /** Counts nothing. */
    LeaseMeter NONE = new LeaseMeter() {};

    /** Our lease was prolonged, or could not be. */
    default void renewed(boolean succeeded) {}

    /** The leases can be reached, or not any more: told at each change, and once at the start. */
    default void reachable(boolean reachable) {}

    /** Calls of a daemon that is gone were closed here. */
    default void claimed(int calls) {}
}
